"""Checks the Kubernetes recipe against the schema, the code and the lock files."""

import os
import pathlib
import re
import shlex
import subprocess
import sys

import jsonschema
import yaml
from absl.testing import absltest

_ROOT = pathlib.Path(__file__).parents[1]
_RECIPE = _ROOT / "deploy" / "kubernetes"
_SCHEMA_VARIABLE = "AUTOMETA_KUBERAY_SCHEMA"


def _read_manifest(name):
    return yaml.safe_load((_RECIPE / name).read_text())


def _strict(schema):
    """`schema` with unknown fields forbidden, as `kubectl --validate=strict` does."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {name: _strict(each) for name, each in schema.items()}
    is_object = schema.get("type") == "object" and "properties" in schema
    if is_object and not schema.get("x-kubernetes-preserve-unknown-fields"):
        strict.setdefault("additionalProperties", False)
    return strict


class RayJobSchemaTest(absltest.TestCase):
    """Against KubeRay's published custom resource definition."""

    def setUp(self):
        super().setUp()
        path = os.environ.get(_SCHEMA_VARIABLE)
        if not path:
            self.skipTest(
                f"{_SCHEMA_VARIABLE} must name KubeRay's ray.io_rayjobs.yaml "
                "(helm-chart/kuberay-operator/crds in its repository)."
            )
        definition = yaml.safe_load(pathlib.Path(path).read_text())
        (version,) = [
            version
            for version in definition["spec"]["versions"]
            if version["name"] == "v1"
        ]
        schema = _strict(version["schema"]["openAPIV3Schema"])
        self.validator = jsonschema.Draft202012Validator(schema)
        self.job = _read_manifest("rayjob.yaml")

    def errors(self):
        return [
            f"{error.json_path}: {error.message}"
            for error in self.validator.iter_errors(self.job)
        ]

    def test_the_job_fits_the_schema(self):
        self.assertEqual(self.errors(), [])

    def test_an_unknown_field_does_not_fit(self):
        self.job["spec"]["backofLimit"] = 10
        self.assertRegex(self.errors()[0], "backofLimit")

    def test_an_unknown_field_deep_inside_does_not_fit(self):
        head = self.job["spec"]["rayClusterSpec"]["headGroupSpec"]
        head["template"]["spec"]["containers"][0]["resources"]["limit"] = {}
        self.assertRegex(self.errors()[0], "limit")

    def test_a_wrong_type_does_not_fit(self):
        self.job["spec"]["backoffLimit"] = "10"
        self.assertRegex(self.errors()[0], "is not of type 'integer'")


class RayJobTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.spec = _read_manifest("rayjob.yaml")["spec"]
        cluster = self.spec["rayClusterSpec"]
        self.head = cluster["headGroupSpec"]["template"]["spec"]
        self.workers = [
            group["template"]["spec"] for group in cluster["workerGroupSpecs"]
        ]

    def test_its_command_knows_every_flag(self):
        command = shlex.split(self.spec["entrypoint"])
        self.assertEqual(command[:3], ["python3", "-m", "bin.search"])
        result = subprocess.run(
            [sys.executable, "-m", "bin.search", "--helpfull"],
            capture_output=True,
            text=True,
            cwd=_ROOT,
            check=False,
        )
        known = set(re.findall(r"^ *--(?:\[no\])?(\w+):", result.stdout, re.MULTILINE))
        self.assertIn("run_dir", known, result.stderr)
        given = {flag.removeprefix("--").split("=")[0] for flag in command[3:]}
        self.assertEqual(given - known, set())

    def test_it_runs_the_version_of_ray_that_is_locked(self):
        lock = (_RECIPE / "requirements_lock.txt").read_text()
        (version,) = re.findall(r"^ray==(\S+)", lock, re.MULTILINE)
        self.assertEqual(self.spec["rayClusterSpec"]["rayVersion"], version)

    def test_the_head_alone_has_the_volume_of_the_runs(self):
        volume = _read_manifest("volume.yaml")
        self.assertEqual(volume["spec"]["accessModes"], ["ReadWriteOncePod"])
        name = volume["metadata"]["name"]
        claims = [
            [
                volume["persistentVolumeClaim"]["claimName"]
                for volume in pod["volumes"]
                if "persistentVolumeClaim" in volume
            ]
            for pod in [self.head, *self.workers]
        ]
        self.assertEqual(claims, [[name]] + [[]] * len(self.workers))

    def test_no_pod_runs_as_root(self):
        for pod in [self.head, *self.workers]:
            self.assertTrue(pod["securityContext"]["runAsNonRoot"])


class ContainerTest(absltest.TestCase):
    def test_it_has_the_tested_version_of_every_package(self):
        tested, contained = (
            set(re.findall(r"^[\w.-]+==\S+", path.read_text(), re.MULTILINE))
            for path in (
                _ROOT / "requirements_lock.txt",
                _RECIPE / "requirements_lock.txt",
            )
        )
        self.assertEqual(tested - contained, set())

    def test_it_does_not_run_as_root(self):
        recipe = (_RECIPE / "Dockerfile").read_text()
        self.assertEqual(re.findall(r"^USER (.*)$", recipe, re.MULTILINE), ["1000"])


if __name__ == "__main__":
    absltest.main()
