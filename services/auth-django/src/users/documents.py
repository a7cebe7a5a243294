"""The JSON of users that the REST API gives out."""

from rest_framework import serializers

from users.models import User


class UserDocument(serializers.Serializer[User]):
    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()
    is_staff = serializers.BooleanField()
