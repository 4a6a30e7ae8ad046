pytest_plugins = ["tests.database", "tests.trace", "tests.given.people"]
