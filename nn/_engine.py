"""nn stands on our `autograd`; another distribution of that name on PyPI is refused here."""


def require_engine() -> None:
    """Raise ImportError, with the way out, if the `autograd` found is not the one nn is built on.

    PyPI's `autograd` (HIPS) has the same import name. Both cannot live in one environment, and
    pip does not notice; without this check nn would fail later, far from the cause.
    """
    try:
        from autograd import Tensor, Value  # noqa: F401
    except ImportError as error:
        if error.name != "autograd":
            raise
        import autograd

        raise ImportError(
            f"the `autograd` at {autograd.__path__[0]} is not the one nn is built on, which comes "
            "with wengert: another distribution has the same import name\n"
            "help: pip uninstall -y autograd && "
            "pip install --force-reinstall --no-deps wengert", name="autograd") from None
