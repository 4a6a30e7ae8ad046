from mes.formats import *  # noqa: F403 - Django reads the formats of a language from the names of its module
