"""Setting params.yaml and session.yaml, whose comments and order stay."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scoretable.recipes.recipe_file import RecipeFile
from scoretable.rows.param_text import show_value
from scoretable.rows.params import LABELS, SESSION, load_params, load_session
from scoretable.workspace.atomic import replacing

PARAMS = "params.yaml"
NO_WRAP = 10_000  # characters of a line


def set_recipe(recipe: RecipeFile, root: Path) -> list[str]:
    """Make the files of the repository `root` describe exactly the recipe's row, and return a line for each change.

    Every key of params.yaml is set, to the recipe's value or the default. Of session.yaml only the keys that the
    recipe names, and those that say which reported row a row is: it is none of them. Raises InputError for files that
    are not valid, and then leaves both as they are.
    """
    params, session = load_params(root / PARAMS).model_dump(), load_session(root / SESSION).model_dump()
    wanted = {name: getattr(recipe.session, name) for name in (*LABELS, *sorted(recipe.session.model_fields_set))}
    lines = []
    for name, before, after in ((PARAMS, params, recipe.params.model_dump()), (SESSION, session, wanted)):
        changes = {key: value for key, value in after.items() if value != before[key]}
        if changes:
            set_keys(root / name, changes)
        lines += [f"{name}: {key}: {show_value(before[key])} -> {show_value(changes[key])}" for key in changes]
    return lines


def set_keys(path: Path, changes: Mapping[str, Any]) -> None:
    """Give keys of a valid YAML file these values: null, numbers, texts, or lists of them."""
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedSeq

    yaml = YAML()
    yaml.preserve_quotes, yaml.width = True, NO_WRAP
    yaml.representer.add_representer(type(None), _represent_null)
    content = yaml.load(path.read_text(encoding="utf-8"))
    for key, value in changes.items():
        if isinstance(value, list):
            content[key] = CommentedSeq(value)
            content[key].fa.set_flow_style()
        else:
            content[key] = value
    comments = [parts[2] for parts in content.ca.items.values() if parts[2]]  # those at the ends of lines
    for comment in comments:
        comment.column = min(each.column for each in comments)  # a long value has pushed some further
    text = io.StringIO()
    yaml.dump(content, text)
    with replacing(path) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8")


def _represent_null(representer: Any, value: None) -> Any:
    """Write null out, which the library leaves empty."""
    return representer.represent_scalar("tag:yaml.org,2002:null", "null")
