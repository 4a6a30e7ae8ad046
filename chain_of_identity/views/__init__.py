"""The pages of orders, custody and treatment. GET shows, POST calls one service and goes on."""
