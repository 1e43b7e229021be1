"""Profiles, container recipe and manifests name what there is: rules, options, files, volumes. No cluster is asked."""

import re
import shlex
import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml
from botocore.validate import ParamValidator
from packaging.specifiers import SpecifierSet
from snakemake.cli import get_argument_parser

ROOT = Path(__file__).parents[2]
PROFILES = sorted((ROOT / "workflow/profiles").glob("*/config.yaml"))
CONTAINERS = ROOT / "workflow/containers"
DOCKERFILE = CONTAINERS / "Dockerfile"
MOUNT = "/scoretable"

every_profile = pytest.mark.parametrize("profile", PROFILES, ids=lambda path: path.parent.name)


def read_yaml(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def rules() -> set[str]:
    files = [ROOT / "Snakefile", *(ROOT / "workflow/rules").glob("*.smk")]
    return {name for path in files for name in re.findall(r"^ *rule (\w+):", path.read_text(), re.MULTILINE)}


@cache
def known_options() -> set[str]:
    actions = get_argument_parser()._actions
    return {option.removeprefix("--") for action in actions for option in action.option_strings}


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions and what follows them, with continued lines in one."""
    lines = [line for line in DOCKERFILE.read_text().splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line)]


def argument(instruction: str) -> str:
    return next(rest for word, rest in instructions() if word == instruction)


def pod() -> dict[str, Any]:
    return read_yaml(CONTAINERS / "kubernetes-row.yaml")["spec"]["template"]["spec"]


@every_profile
def test_a_profile_sets_options_that_snakemake_has(profile: Path) -> None:
    options = set(read_yaml(profile))
    if "executor" in options:  # whose own options tests/workflow/test_slurm.py has its package read
        options = {option for option in options if not option.startswith("slurm-")}
    assert options <= known_options()


@every_profile
def test_a_profile_asks_resources_for_rules_that_there_are(profile: Path) -> None:
    assert set(read_yaml(profile).get("set-resources", {})) <= rules()


def test_the_recipe_copies_files_that_git_has_and_installs_all_locks_with_hashes() -> None:
    sources = [name for word, rest in instructions() if word == "COPY" for name in shlex.split(rest)[:-1]]
    tracked = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", *sources], check=True, capture_output=True, text=True
    )  # fmt: skip
    assert sorted(sources) == sorted(tracked.stdout.split()) == ["requirements-gpu.lock", "requirements.lock"]
    (install,) = [rest for word, rest in instructions() if word == "RUN" and "pip install" in rest]
    assert "--require-hashes" in install
    assert all(f"/locks/{name}" in install for name in sources)


def test_the_recipes_python_is_one_that_the_project_takes() -> None:
    version = re.fullmatch(r"python:(\d+\.\d+)-slim-bookworm", argument("FROM"))
    required = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert version and version[1] in SpecifierSet(required)


def test_the_recipes_profile_and_package_are_those_of_the_mounted_checkout() -> None:
    settings = dict(setting.split("=") for setting in shlex.split(argument("ENV")))
    assert (ROOT / settings["SNAKEMAKE_PROFILE"] / "config.yaml").is_file()
    assert (ROOT / Path(settings["PYTHONPATH"]).relative_to(MOUNT) / "scoretable/__main__.py").is_file()
    assert argument("WORKDIR") == MOUNT
    assert yaml.safe_load(argument("CMD"))[0] == "snakemake" and yaml.safe_load(argument("CMD"))[1] in rules()


def test_the_pod_mounts_the_claimed_volume_where_the_image_works_and_is_its_user() -> None:
    claim = read_yaml(CONTAINERS / "kubernetes-volume.yaml")["metadata"]["name"]
    (container,), (volume,) = pod()["containers"], pod()["volumes"]
    assert volume["persistentVolumeClaim"]["claimName"] == claim
    assert container["volumeMounts"] == [{"name": volume["name"], "mountPath": MOUNT}]
    assert str(pod()["securityContext"]["runAsUser"]) == argument("USER")
    assert container["args"][1] in rules()
    # The image's entry point hands signals on; a `command` would take its place.
    assert "command" not in container


def test_the_job_definition_is_one_by_the_model_of_the_aws_api_and_mounts_the_checkout() -> None:
    definition = read_yaml(CONTAINERS / "aws-batch.yaml")
    shape = botocore.session.get_session().get_service_model("batch").operation_model("RegisterJobDefinition")
    assert ParamValidator().validate(definition, shape.input_shape).generate_report() == ""
    container = definition["containerProperties"]
    (mount,), (volume,) = container["mountPoints"], container["volumes"]
    assert (mount["sourceVolume"], mount["containerPath"]) == (volume["name"], MOUNT)
    assert (container["user"], container["command"][1]) == (argument("USER"), "submission")


def test_no_recipe_names_a_registry() -> None:
    for path in CONTAINERS.iterdir():
        images = re.findall(r"^(?:FROM| *-? *image:) +(\S+)", path.read_text(), re.MULTILINE)
        assert all("/" not in image for image in images), path
