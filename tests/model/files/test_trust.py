"""What a model file may have is decided here, by names of what is defined where models have it."""

from pathlib import Path

import pytest

from shared import problems
from shared.model.files import trust

TREES = "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"


def test_the_parts_of_scikit_learn_s_models_are_known() -> None:
    parts = [TREES, "sklearn.tree._tree.Tree", "sklearn.metrics._scorer._PassthroughScorer"]
    parts += ["sklearn.feature_selection._univariate_selection.f_classif", "numpy.mean"]
    parts += ["scipy.interpolate._bsplines.BSpline", "sklearn.neighbors._kd_tree.KDTree"]
    assert trust.untrusted(parts, "loans", ()) == []


@pytest.mark.parametrize(
    "name",
    [
        # What opens, writes or executes something, in libraries whose models are known.
        *("numpy.load", "numpy.memmap", "scipy.io._netcdf.netcdf_file"),
        "sklearn.datasets._svmlight_format_io.dump_svmlight_file",
        *("scipy.stats._continuous_distns.norm_gen", "scipy.stats._distn_infrastructure.rv_frozen"),
        # What is only imported there.
        *("sklearn.base.warnings", "sklearn.pipeline.np", "sklearn.tree._export.__builtins__"),
        *("functools.partial", "builtins.eval", "os.system", "sklearn.tree.no_such_thing"),
        *("sklearn.no_such_module.Thing", "lightgbm.basic.Booster", "problems.other.models.Mine"),
    ],
)
def test_what_else_there_is_has_to_be_trusted_by_name(name: str) -> None:
    assert trust.untrusted([name], "loans", ()) == [name]
    assert trust.untrusted([name], "loans", (name,)) == []


def test_more_is_trusted_by_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(trust.VARIABLE, "lightgbm.basic.Booster, numpy.load other.Thing")
    assert trust.untrusted(["numpy.load", "other.Thing", "other.More"], "loans", ()) == [
        "other.More"
    ]


def test_the_own_code_of_the_problem_is_known_but_not_what_it_imports(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text("from subprocess import run\n\n\nclass Mine:\n    pass\n")
    problems.make_importable("trusted_shop", tmp_path)
    own = "problems.trusted_shop.models"
    asked = [f"{own}.Mine", f"{own}.run"]
    assert trust.untrusted(asked, "trusted_shop", ()) == [f"{own}.run"]
    assert trust.untrusted(asked, "loans", ()) == asked
    with pytest.raises(ModuleNotFoundError):
        trust.untrusted(["problems.trusted_shop.absent.Mine"], "trusted_shop", ())
