"""Django's sessions know who is signed in; who may sign in is decided in mes.accounts.services."""

from typing import Any
from uuid import UUID

from django.contrib.auth.backends import BaseBackend

from mes.accounts.models import User


class SessionBackend(BaseBackend):
    def get_user(self, user_id: Any) -> User | None:
        return User.objects.filter(pk=UUID(str(user_id)), is_active=True).first()
