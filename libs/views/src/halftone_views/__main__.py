"""Prints the kinds as a table: `python -m halftone_views`."""

from halftone_views.registry import kind_schemas


def main() -> None:
    """One line for each option of each kind, tab-separated: kind, option, default, description."""
    for kind, schema in kind_schemas().items():
        print(f"{kind}\t\t\t{schema['description']}")
        for name, option in schema["properties"].items():
            print(f"{kind}\t{name}\t{option['default'] or ''}\t{option['description']}")


if __name__ == "__main__":
    main()
