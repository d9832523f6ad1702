"""lockgate.toml and the environment become settings; every mistake names its place and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockgate.config import Settings, load_settings, parse_duration_s, resolve_spec
from lockgate.errors import ConfigError, InputError


def _load(tmp_path: Path, text: str = "", environ: dict[str, str] | None = None, **options: str) -> Settings:
    if text:
        (tmp_path / "lockgate.toml").write_text(text, encoding="utf-8")
    return load_settings(environ or {}, tmp_path, **options)  # type: ignore[arg-type]


def test_nothing_configured_is_no_target(tmp_path: Path) -> None:
    assert _load(tmp_path).target is None


def test_the_option_goes_before_the_environment_before_the_file(tmp_path: Path) -> None:
    text = 'url = "sqlite:///file.db"\n'
    environ = {"LOCKGATE_URL": "sqlite:///env.db", "DATABASE_URL": "sqlite:///other.db"}
    names = []
    for options, env in (({"url": "sqlite:///option.db"}, environ), ({}, environ), ({}, {})):
        target = _load(tmp_path, text, env, **options).target
        assert target is not None
        names.append(target.name)
    assert names == ["option", "env", "file"]


def test_a_target_is_named_by_its_database(tmp_path: Path) -> None:
    target = _load(tmp_path, url="sqlite:///data/app.db").target
    assert target is not None
    assert target.name == "app"


def test_a_url_of_a_configured_target_keeps_its_protection(tmp_path: Path) -> None:
    text = '[targets.prod]\nurl = "postgresql://db.internal/shop"\nprotected = true\nretention = "30d"\n'
    target = _load(tmp_path, text, url="postgres://someone@db.internal:5432/shop").target
    assert target is not None
    assert target.is_protected
    assert target.retention_s == 30 * 86400


def test_references_are_resolved_and_quoted(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("p@ss/word\n", encoding="utf-8")
    text = '[targets.a]\nurl = "postgresql://app:${file:pw}@h/db"\n'
    settings = _load(tmp_path, text)
    assert settings.target is not None
    assert settings.target.target.password == "p@ss/word"
    assert "p@ss/word" in settings.secrets
    assert "p@ss/word" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("protcted = true\n", ("protcted", "protected", "lockgate.toml:1")),
        ("[targets.a]\nurl = 5\n", ("targets.a.url", "text in quotes", "lockgate.toml:2")),
        ('[targets.a]\nurl = "sqlite:///a.db"\nretention = "soon"\n', ("soon", "7d", "retention")),
        ('target = "b"\n[targets.a]\nurl = "sqlite:///a.db"\n', ("'b'", "targets: a", "lockgate.toml")),
        ('url = "${env:NOT_SET_ANYWHERE}"\n', ("NOT_SET_ANYWHERE", "not set", "url")),
        ('url = "${vault:x}"\n', ("vault", "${env:NAME}", "url")),
        ('url = "postgresql://u:secret@h/db"\n', ("password", "${env:NAME}", "lockgate.toml")),
        ("url = \n", ("TOML", "line 1", "lockgate.toml")),
    ],
)
def test_every_mistake_names_file_key_and_what_is_allowed(tmp_path: Path, text: str, expected: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, text)
    message = f"{caught.value} {caught.value.hint}"
    for part in expected:
        assert part in message
    assert "secret" not in message


def test_a_missing_configuration_file_is_an_error_only_when_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        _load(tmp_path, config_file="other.toml")


def test_a_password_in_an_argument_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="password"):
        _load(tmp_path, url="postgresql://u:secret@h/db")
    with pytest.raises(ConfigError, match="password"):
        resolve_spec("mysql://u:secret@h/db", {}, tmp_path, "--desired")
    spec, secrets = resolve_spec("mysql://u:${env:PW}@h/db", {"PW": "secret"}, tmp_path, "--desired")
    assert spec == "mysql://u:secret@h/db"
    assert "secret" in secrets


def test_an_unknown_scheme_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="mongodb"):
        _load(tmp_path, url="mongodb://h/db")


def test_paths_of_the_file_are_relative_to_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "conf"
    folder.mkdir()
    (folder / "lg.toml").write_text('desired = "schema"\nurl = "sqlite:///a.db"\n', encoding="utf-8")
    settings = load_settings({}, tmp_path, config_file="conf/lg.toml")
    assert settings.target is not None
    assert settings.target.desired == str(folder / "schema")


@pytest.mark.parametrize(("text", "seconds"), [("7d", 604800), ("12h", 43200), ("30 m", 1800), ("2w", 1209600)])
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration_s(text) == seconds
