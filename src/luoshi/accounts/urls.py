"""Addresses of accounts: sign-in by allauth, language, the demonstration's change of person."""

from __future__ import annotations

from allauth.account import views as allauth
from django.urls import URLPattern, path

from luoshi.accounts import views

app_name = "accounts"
urlpatterns: list[URLPattern] = [
    path("language/", views.language, name="language"),
    path("switch/", views.switch, name="switch"),
    path("seat/", views.seat, name="seat"),
]

account_urlpatterns: list[URLPattern] = [
    path("login/", allauth.login, name="account_login"),
    path("logout/", allauth.logout, name="account_logout"),
    path("signup/", allauth.signup, name="account_signup"),
    path("password/change/", allauth.password_change, name="account_change_password"),
    path("password/set/", allauth.password_set, name="account_set_password"),
    path("inactive/", allauth.account_inactive, name="account_inactive"),
    path("reauthenticate/", allauth.reauthenticate, name="account_reauthenticate"),
    path("email/", allauth.email, name="account_email"),
    path("password/reset/", allauth.password_reset, name="account_reset_password"),
]
"""Names allauth itself reverses; the site mounts them without a namespace, below ``account/``."""
