"""The study index: models, the one writer's transactions, the change feed and the queries."""
