"""All settings, read from the environment; with none set the studio runs on one machine."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from vidustudio import env, private_files, secret_files

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.folder("STUDIO_DATA_DIR", BASE_DIR / "var")
private_files.make_folder_private(DATA_DIR)

DEBUG = env.flag("DEBUG")
DATABASE_URL = env.text("DATABASE_URL")
REDIS_URL = env.redis("REDIS_URL")
SQLITE_FILE = DATA_DIR / "studio.sqlite3"
SECRETS_DIR = DATA_DIR / "secrets"
if not DATABASE_URL:
    private_files.make_database_private(SQLITE_FILE)
DATA_EXIST = (DATA_DIR / "media").exists() or (not DATABASE_URL and SQLITE_FILE.stat().st_size > 0)
SECRET_KEY = env.text("SECRET_KEY") or secret_files.read_or_make(
    SECRETS_DIR / "secret_key", DATA_EXIST
)
# Newest first; older ones still open what they sealed.
DATA_KEYS = env.data_keys("STUDIO_DATA_KEYS") or [
    secret_files.read_or_make(SECRETS_DIR / "data_key", DATA_EXIST)
]

# --- Addresses -----------------------------------------------------------------------------
PUBLIC_URL = env.public("STUDIO_PUBLIC_URL")
# The path that every page is below, as in "/studio"; mostly none. The addresses are made with it
# (vidustudio/urls.py), so what makes links outside of a request needs to know nothing of it.
PUBLIC_PATH = urlsplit(PUBLIC_URL).path
# Where providers on this same machine, such as the simulator, reach the studio.
LOCAL_URL = env.address("STUDIO_LOCAL_URL")
PUBLIC_HOST = urlsplit(PUBLIC_URL).hostname or ""
USUAL_HOSTS = f"localhost,127.0.0.1,[::1],{env.bracketed(PUBLIC_HOST)}"
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", USUAL_HOSTS)
HTTPS = PUBLIC_URL.startswith("https://")
# An origin has no path, though the studio may live below one.
CSRF_TRUSTED_ORIGINS = ["/".join(PUBLIC_URL.split("/")[:3])] if PUBLIC_URL else []
ALLAUTH_TRUSTED_PROXY_COUNT = 0
if env.flag("STUDIO_BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Without it everybody has the proxy's address, and one person's wrong tries stop all.
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS and env.flag("STUDIO_SSL_REDIRECT", default=True)
# What providers on this machine fetch, and what a load balancer asks, comes without TLS.
SECURE_REDIRECT_EXEMPT = [
    rf"^{re.escape(f'{PUBLIC_PATH}/'[1:])}(inputs/|(healthz|readyz|metrics)$)"
]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# Other hosts below this name may not speak https, and browsers forget a list of theirs after
# months: both are the operator's to say.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("STUDIO_HSTS_SUBDOMAINS")
SECURE_HSTS_PRELOAD = env.flag("STUDIO_HSTS_PRELOAD")
# Below a path the host is shared: cookies go there alone, which "__Host-" does not allow.
COOKIE_PATH = PUBLIC_PATH or "/"
COOKIE_PREFIX = "" if not HTTPS else "__Secure-" if PUBLIC_PATH else "__Host-"
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = COOKIE_PATH
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_ENGINE = "generation.web.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600  # without use; 30 days after the log-in it ends in any case
SESSION_SAVE_EVERY_REQUEST = False
CSRF_FAILURE_VIEW = "generation.web.errors.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- Applications --------------------------------------------------------------------------
INSTALLED_APPS = [
    "generation",
    "django.contrib.admin.apps.SimpleAdminConfig",  # our site alone, in generation/admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django.forms",
    "django_htmx",
    "django_q",
]
MIDDLEWARE = [
    "generation.web.middleware.RequestId",
    "generation.web.middleware.AnyHostForProbes",
    "generation.web.middleware.NoNuls",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "generation.web.middleware.PackedPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "generation.web.reader_zone.ReaderZone",
    "allauth.account.middleware.AccountMiddleware",
    "generation.web.middleware.KnownDevices",
    "generation.web.middleware.NoStrangersCopy",
    "generation.web.middleware.NoBlankPage",
    "generation.web.middleware.RefusedForms",
    "generation.web.mail.MailLane",
]
ROOT_URLCONF = "vidustudio.urls"
WSGI_APPLICATION = "vidustudio.wsgi.application"
SQUEEZING = [
    "vidustudio.template_loader.Squeezing",
    "vidustudio.template_loader.SqueezingApps",
]
TEMPLATE_LOADERS = SQUEEZING if DEBUG else [("django.template.loaders.cached.Loader", SQUEEZING)]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": TEMPLATE_LOADERS,
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "generation.web.context_processors.studio",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Data ----------------------------------------------------------------------------------
DATABASES = {"default": env.database("DATABASE_URL") if DATABASE_URL else env.sqlite(SQLITE_FILE)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": DATA_DIR / "cache",
    }
}
if REDIS_URL:
    env.require_extra("REDIS_URL", "redis", "redis")
    CACHES["default"] = {"BACKEND": "vidustudio.cache.RedisOrMemory", "LOCATION": REDIS_URL}
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": DATA_DIR / "media",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
S3_BUCKET = env.bucket("STUDIO_S3_BUCKET")
S3_URL = env.address("STUDIO_S3_URL") or None
if S3_BUCKET:  # its keys and region come from the usual AWS_ variables
    env.require_extra("STUDIO_S3_BUCKET", "s3", "storages", "boto3")
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": S3_URL,
            "file_overwrite": False,
        },
    }
STATIC_URL = f"{PUBLIC_PATH}/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
if env.flag("STUDIO_STATIC_MANIFEST"):  # `studio` sets it after collecting the files
    WHITENOISE_USE_FINDERS = False
    STORAGES["staticfiles"] = {"BACKEND": "vidustudio.static_storage.MinifiedStaticFilesStorage"}
FILE_UPLOAD_HANDLERS = [
    "generation.web.upload_limits.Intake",  # refuses what is too large before it is read
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024  # a payload may hold 1,048,576 characters
DATA_UPLOAD_MAX_NUMBER_FIELDS = 300
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_PERMISSIONS = 0o600

# --- Accounts ------------------------------------------------------------------------------
AUTH_USER_MODEL = "generation.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "vidustudio.hashers.TwoAtATime",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"generation.forms.passwords.{name}"}
    for name in ("Similar", "TooShort", "Common", "DigitsAlone")
]
# Without a mail server the studio's window has the codes, and the operator vouches for people.
SIGNUP_OPEN = env.flag("STUDIO_SIGNUP_OPEN", default=bool(env.host("EMAIL_HOST")))
SIGN_UPS_OF_A_NETWORK = 20  # in ten minutes
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "account_login", "home", "account_login"
ACCOUNT_ADAPTER = "generation.forms.account.Adapter"
ACCOUNT_FORMS = {
    "login": "generation.forms.account.LoginForm",
    "signup": "generation.forms.account.SignupForm",
    "reset_password": "generation.forms.account.ResetPasswordForm",
    "reset_password_from_key": "generation.forms.account.ResetPasswordKeyForm",
    "change_password": "generation.forms.account.ChangePasswordForm",
    "reauthenticate": "generation.forms.account.ReauthenticateForm",
    "add_email": "generation.forms.account.AddEmailForm",
    "confirm_email_verification_code": "generation.forms.account.EnterCodeForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
# A code is typed where it was asked for: a link could be opened by who never signed up.
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = 3
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # the other devices are logged out, this one stays
ACCOUNT_MAX_EMAIL_ADDRESSES = 3
# Those that a stranger can reach are in forms/limits.py; the others stay as allauth has them.
ACCOUNT_RATE_LIMITS = {"test_key": "10/m/user"} | dict.fromkeys(
    ("login", "login_failed", "signup", "reset_password", "reset_password_from_key",
     "confirm_email", "reauthenticate")
)  # fmt: skip
# An address can reset the password: whoever borrows a browser must not add one.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300  # seconds; a log-in counts
ACCOUNT_EMAIL_NOTIFICATIONS = True
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Vidu Studio: "
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
if env.host("EMAIL_HOST"):
    EMAIL_BACKEND = "generation.web.mail.SmtpBackend"
    EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL")  # from the first byte on, mostly at port 465
    EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=not EMAIL_USE_SSL)
    env.refuse_both(EMAIL_USE_SSL=EMAIL_USE_SSL, EMAIL_USE_TLS=EMAIL_USE_TLS)
    EMAIL_HOST = env.host("EMAIL_HOST")
    EMAIL_PORT = env.number("EMAIL_PORT", 465 if EMAIL_USE_SSL else 587, 1, 65_535)
    EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
    EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
    EMAIL_TIMEOUT = 10  # seconds for each step: a silent server must not hold a page
DEFAULT_FROM_EMAIL = env.mailbox("EMAIL_FROM", "studio@localhost")

# --- The second step at log-in: codes of an app, passkeys, recovery codes -----------------------
MFA_ADAPTER = "generation.forms.factors.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "generation.forms.factors.SecondStepForm",
    "authenticate_webauthn": "generation.forms.factors.SecondStepPasskeyForm",
    "reauthenticate": "generation.forms.factors.ConfirmCodeForm",
    "reauthenticate_webauthn": "generation.forms.factors.ConfirmPasskeyForm",
    "login_webauthn": "generation.forms.factors.PasskeyLoginForm",
    "activate_totp": "generation.forms.factors.SetUpAppForm",
    "add_webauthn": "generation.forms.factors.AddPasskeyForm",
    "edit_webauthn": "generation.forms.factors.RenamePasskeyForm",
}
MFA_TOTP_ISSUER = "Vidu Studio"
MFA_TOTP_TOLERANCE = 1  # steps of half a minute: clocks differ, and people type slowly
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}  # two requests for each log-in
# Allauth would take each further address from who has a second step; the views of ours ask that
# the main one is confirmed.
MFA_ALLOW_UNVERIFIED_EMAIL = True

# --- Language ------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "generation" / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = env.time_zone("TIME_ZONE", "UTC")

# --- Content Security Policy: nothing inline, nothing foreign, on every answer -----------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:"],
        "media-src": [SELF, "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}

# --- Providers -----------------------------------------------------------------------------
SIMULATOR_URL = env.address("SIMULATOR_URL", "http://127.0.0.1:8090")
PROVIDER_URLS = {
    "vidu": env.address("VIDU_BASE_URL", "https://api.vidu.com"),
    "vidu-cn": env.address("VIDU_CN_BASE_URL", "https://api.vidu.cn"),
    "kkiai": env.address("KKIAI_BASE_URL", "https://www.kkiai.com"),
    "vtrix": env.address("VTRIX_BASE_URL", "https://cloud.vtrix.ai"),
    "demo": f"{SIMULATOR_URL}/demo",
}
# The demo provider is offered unless the simulator was switched off.
SIMULATOR_OFFERED = env.flag("STUDIO_SIMULATOR", default=True)
# Hosts outside the public internet that pictures may be fetched from, e.g. a LAN asset server.
OUTBOUND_PRIVATE_HOSTS = env.origins("STUDIO_PRIVATE_HOSTS")

# --- Uncertain tasks: how long to wait before, and between, looks at the provider's list ---------
# A sent task without a reply is uncertain; less than a job of the cluster may take.
SEND_SECONDS = env.number("STUDIO_SEND_SECONDS", 60, 5, 150)
RECONCILE_GRACE = env.number("STUDIO_RECONCILE_GRACE", 90, 1, 3600)
RECONCILE_GAP = env.number("STUDIO_RECONCILE_GAP", 60, 1, 3600)

# --- Fairness: how many tasks of one person may wait to be sent --------------------------------
QUEUED_MOST = env.number("STUDIO_QUEUED_MOST", 500, 1, 1_000_000)

# --- The cluster ---------------------------------------------------------------------------
WORKERS = env.number("STUDIO_WORKERS", 3, 1, 64)  # how many send at once
# And those that poll, store, render and look after what is uncertain: none holds another.
PROCESSES = WORKERS + 5
BROKERS: dict[str, dict[str, Any]] = {
    "sqlite3": {"broker_class": "generation.brokers.SqliteBroker", "poll": 1},
    "postgresql": {"broker_class": "generation.brokers.SkipLockedBroker", "poll": 1},
}
DATABASE_KIND = DATABASES["default"]["ENGINE"].rpartition(".")[2]
# A worker takes its messages itself, so a job begins as it leaves the queue: retry > timeout.
Q_CLUSTER = {
    "name": env.name_of_queue("STUDIO_QUEUE", "studio"),
    "workers": PROCESSES,
    "timeout": 180,
    "retry": 600,
    "bulk": 1,
    "ack_failures": True,
    "max_attempts": 3,
    "catch_up": False,
    "scheduler": False,  # the cluster's main process wakes the sweep
    "save_limit": -1,
    "recycle": 5_000,
    "max_rss": 600_000,
    "label": "Queue",
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default", **BROKERS.get(DATABASE_KIND, {})}),
}

# --- The audit log of a team: the last byte of an address is left out unless it is wanted --------
AUDIT_FULL_IP = env.flag("STUDIO_AUDIT_FULL_IP")
AUDIT_DAYS = env.number("STUDIO_AUDIT_DAYS", 400, 30, 36_500)

# --- The pages of the operator, below this path -------------------------------------------------
ADMIN_PATH = env.path("STUDIO_ADMIN_PATH", "operator/")

# --- Figures for Prometheus at /metrics; without a token there is no such page ------------------
METRICS_TOKEN = env.token("STUDIO_METRICS_TOKEN")

# --- Logs: one line each, never a key ----------------------------------------------------------
LOG_LEVEL = env.one_of("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "generation.web.log_redaction.RedactedLine"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "django-q": {"level": "WARNING"},
        "django.server": {"handlers": ["console"], "propagate": False},
    },
}
