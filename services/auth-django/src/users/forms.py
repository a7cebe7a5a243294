"""The admin's sign-in form, with the rate limit of the API's."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from halftone_auth.http.addresses import client_address
from halftone_servicekit.errors import HalftoneError
from typing_extensions import override

from users.services import check_password

if TYPE_CHECKING:
    from django.contrib.admin.forms import AdminAuthenticationForm as AuthenticationForm
else:
    from unfold.forms import AuthenticationForm


class LimitedAuthenticationForm(AuthenticationForm):
    """Checks the password through the same rate limit as the API."""

    @override
    def clean(self) -> dict[str, Any]:
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if email and password and self.request is not None:
            try:
                self.user_cache = check_password(self.request, email, password, client_address(self.request))
            except HalftoneError as error:
                raise ValidationError(error.detail, code=error.code) from error
            self.confirm_login_allowed(self.user_cache)
        return dict(self.cleaned_data)
