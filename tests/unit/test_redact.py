"""Secrets are masked by value, in every spelling a URL can give them."""

from __future__ import annotations

from lockgate.outside.redact import add_secret, add_secrets_of_url, redact


def test_a_secret_is_masked_plain_and_encoded() -> None:
    add_secrets_of_url("postgresql://u:s3cr%2Fet@h/db")
    assert redact("x s3cr/et y s3cr%2Fet z") == "x **** y **** z"


def test_the_password_of_any_url_is_masked() -> None:
    assert redact("see mysql://u:whatever@h:3306/db") == "see mysql://u:****@h:3306/db"
    assert redact("sqlite:///a.db at 10:30@home") == "sqlite:///a.db at 10:30@home"


def test_longer_secrets_go_first() -> None:
    add_secret("alpha")
    add_secret("alpha-beta")
    assert redact("alpha-beta alpha") == "**** ****"
