"""The stops on a call's way, one per file; a stage knows its room and no other stage."""
