"""Who asks and on what terms: keys, what applications and intents settle, prices; knows no store, only its ports."""
