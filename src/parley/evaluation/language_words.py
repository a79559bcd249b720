"""The small words and the letters by which languages are told apart: data, written for `languages.py`."""

WORDS: dict[str, str] = {
    "en": (
        "the and of to is in that it you for with this are was have not be on as your can will from they we "
        "an at or if what would which please their been has but our"
    ),
    "de": (
        "der die das und ist nicht ein eine zu den mit von sich auf für im dem sie ich wir es auch wird bei "
        "oder kann sind wie nach wenn ihr ihre einen können haben werden durch aber noch"
    ),
    "fr": (
        "le la les et est des une un du que pour dans vous pas ne qui sur avec ce nous sont au par plus il "
        "elle je cette votre mais ou être peut aux leur était c'est"
    ),
    "es": (
        "el la los las y es de que en un una por con para no se su al lo del como más pero está son este esta "
        "muy usted puede sus ya también hay fue ser si hola cómo qué"
    ),
    "it": (
        "il lo la gli le e è di che un una per non con sono del della si come più ma nel questo questa al dei "
        "ha anche alla delle può essere ci dal suo se io cosa grazie"
    ),
    "pt": (
        "o a os as e é de que em um uma por com para não se do da no na mais como mas ao dos das está são "
        "este esta você pode também seu sua foi ser isso olá muito"
    ),
    "nl": (
        "de het een en van is niet dat in op te voor met zijn je ik we aan er maar ook om dit die als wordt "
        "kan bij naar uw u of hebben nog worden door wel heeft"
    ),
    "sv": (
        "och att det som en på är av för med den inte till har de om ett jag du vi kan men från så var eller "
        "ska din när också hur blir här vara"
    ),
    "da": (
        "og at det er en som på til af for med ikke den de har jeg du vi kan et der men fra så om eller din "
        "skal når også hvordan være blev efter hvad bliver mig"
    ),
    "no": (
        "og at det er en som på til av for med ikke den de har jeg du vi kan et der men fra så om eller din "
        "skal når også hvordan være ble etter hva blir meg"
    ),
    "fi": (
        "ja on ei se että hän ovat oli mutta tai kun niin kuin myös voi sen minä sinä olla joka jos ole nyt "
        "tämä mikä sekä vain ovat kanssa mitä"
    ),
    "pl": (
        "i w nie na się z do jest to że jak co o ale po za od dla przez tak czy może są ten jego który być "
        "oraz już tylko jeśli jako proszę które"
    ),
    "cs": (
        "a se na je v že to s z do o pro jsem ale jak by jsou tak byl nebo který když jeho také má může být "
        "při podle pokud jako už co které"
    ),
    "sk": (
        "a sa na je v že to s z do o pre som ale ako by sú tak bol alebo ktorý keď jeho tiež má môže byť pri "
        "podľa ak už čo ktoré"
    ),
    "hu": (
        "a az és hogy nem is egy van de ez meg csak mint volt azt már ha vagy ki én fel el kell lehet még "
        "nagyon ezt ön lesz"
    ),
    "ro": (
        "și în de la a nu este că cu pe un o din mai pentru care sunt ce se au am sau fi dar prin ca lui "
        "poate după fost această"
    ),
    "tr": (
        "ve bir bu da de için ile ne çok daha olarak var gibi kadar ben sen o ama olan değil mi en veya sonra "
        "her şey olduğu size nasıl"
    ),
    "id": (
        "yang dan di ini itu dengan untuk tidak dari dalam akan pada adalah ke saya anda bisa juga atau "
        "karena oleh sudah ada mereka kami dapat seperti lebih"
    ),
    "vi": (
        "và của là có không được cho một trong với các này người đã để những khi tôi bạn cũng như đến từ về "
        "nhưng ra sẽ thể"
    ),
    "hr": (
        "i je u na se da za su od s ne što kao ali ili biti može koji koja su ovo kako već još bio nije samo te jer vas"
    ),
    "et": ("ja on ei et see ta oli kui ka ma mis kes aga või nii siis oma seda saab kas veel olla ning palun teie"),
    "lt": (
        "ir yra kad į ne tai su iš bet kaip ar jis buvo už apie tik po jau gali taip arba jūs mes prie nuo kuris būti"
    ),
    "lv": ("un ir ka uz no ar par tas bet kā vai arī nav ko jau tikai pēc pie lai var viņš šis kas tiek būt"),
    "ru": (
        "и в не на я что он с как это по но из у за вы мы то для от так же она бы или если его может есть "
        "быть при вас все уже только"
    ),
    "uk": (
        "і в не на що я з як це по але до та у за ви ми для від так він вона або якщо може є бути при вас все "
        "вже тільки його також й"
    ),
    "bg": (
        "и в на не се да за от с е че по как това но или са със за ще които като може при ви вие ние ако той "
        "тя си без бъде още има"
    ),
    "sr": (
        "и је у на се да за су од не што као али или бити може који која ово како већ још био није само те јер вас са"
    ),
}
"""The words that each language uses most, by ISO 639-1 code; of languages that share one, all are meant."""

MARKS: dict[str, str] = {
    "de": "ß",
    "fr": "œëêû",
    "es": "ñ¿¡",
    "pt": "ãõ",
    "it": "ìò",
    "pl": "łżśćźńęą",
    "cs": "řěůď",
    "sk": "ľĺŕô",
    "hu": "őű",
    "ro": "șțăţş",
    "tr": "ğış",
    "vi": "ơưđạảấầẩậắằặẹẻếềểệỉịọỏốồổộớờợụủứừựỳỵ",
    "hr": "đ",
    "lt": "ėįųū",
    "lv": "āēīķļņģ",
    "et": "õ",
    "uk": "їєґі",
    "ru": "ыэё",
    "bg": "ъщ",
    "sr": "ђћџљњј",
}
"""Letters that speak for a language."""
