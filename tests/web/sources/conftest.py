from tests.web.integrations.conftest import clerk, office

__all__ = ["clerk", "office"]
