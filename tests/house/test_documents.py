"""The documents know the house they describe."""

from tests.house.tree import ROOT, SOURCE


def test_every_folder_of_the_house_stands_in_the_architecture() -> None:
    said = (ROOT / "docs" / "architecture.md").read_text()
    folders = [place.name for place in sorted(SOURCE.iterdir()) if (place / "__init__.py").exists()]
    assert folders
    assert not [name for name in folders if f"{name}/" not in said]
