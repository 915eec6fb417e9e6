import pytest

from shared import settings_reading
from shared.errors import Refusal

SMALL = """
name = "loans"
source = "loans.parquet"
key = "loan"
time = "applied"
target = "defaulted"
features = ["income", "region"]
[[candidates]]
name = "logistic"
estimator = "sklearn.linear_model.LogisticRegression"
"""


def small_with(line: str) -> str:
    """Return the small file with a further line, or with a further section at its end."""
    head, tail = SMALL.split("[[candidates]]")
    if line.startswith("["):
        return f"{head}\n[[candidates]]{tail}\n{line}"
    return f"{head}\n{line}\n[[candidates]]{tail}"


def test_a_small_file_is_enough_and_the_rest_has_defaults():
    read = settings_reading.typed_settings(settings_reading.parse_settings(SMALL))
    assert read.candidates[0].preprocessing == "linear"
    assert read.select_by == "log_loss"
    assert read.monitor.window_days == 7


def test_settings_cannot_be_changed_once_read():
    read = settings_reading.typed_settings(settings_reading.parse_settings(SMALL))
    with pytest.raises(ValueError, match="frozen"):
        read.seed = 3


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "[contract.income]\nmade = true",
            "contract.income has made = true, and only a key or a time",
        ),
        ("[contract.incme]\nminimum = 1", "contract names 'incme'; did you mean 'income'?"),
        ('ignored = ["id", "a", "id"]', "ignored names ['id'] more than once"),
        (
            '[[candidates]]\nname = "a"\nestimator = "x.Y"\npreprocessing = "lineer"',
            "preprocessing = 'lineer': give linear, tree, none, or the module and the name of your "
            "own, such as 'features.pipeline'; did you mean 'linear'?",
        ),
        ('slices = ["regoin"]', "slices names 'regoin'; did you mean 'region'?"),
        ('select_by = "accuracy"', "select_by names 'accuracy'"),
        ("[monitor]\nerror_share = 3", "monitor.error_share = 3"),
        ('[monitor]\nschedule = "daily"', "monitor.schedule = 'daily'"),
        ("[resources]\nretries = 9", "resources.retries = 9"),
        ("[ingest]\ntasks = 0", "ingest.tasks = 0"),
        ("[ingest]\norign = 'x'", "unknown key 'ingest.orign'; did you mean 'origin'?"),
        ("[score]\nbatch_rows = 1", "score.batch_rows = 1"),
        ("[split]\nvalidation = 2024-02-01", "both 'validation' and 'holdout'"),
        ("[interval]\ncoverage = 0.9", 'interval is for kind = "regression", and this one is'),
        (
            'kind = "regression"\nthreshold = 0.4',
            'threshold is for kind = "binary", and this one is',
        ),
        ("[interval]\ncoverage = 90", "interval.coverage = 90"),
        (
            "[search.logstic.parameters]\nC = [1]",
            "search names 'logstic'; did you mean 'logistic'?",
        ),
    ],
)
def test_what_is_wrong_is_told_in_one_line(line: str, told: str):
    with pytest.raises(Refusal) as refused:
        settings_reading.parse_settings(small_with(line))
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_searches_leave_names_to_candidates_and_are_no_more_tasks_than_a_step_has():
    other = SMALL.split("[[candidates]]")[1].replace('"logistic"', '"logistic-1"')
    search = "\n[search.logistic]\nparameters = { C = [1, 2] }\n"
    with pytest.raises(Refusal, match=r"candidates \['logistic-1'\] are named as trials"):
        settings_reading.parse_settings(f"{SMALL}\n[[candidates]]{other}{search}")
    others = "".join(
        f"\n[[candidates]]{other.replace('logistic-1', f'other-{at}')}"
        f"\n[search.other-{at}]\ntasks = 50\ntrials = 50\n"
        "parameters.C = { low = 1, high = 2.5 }\n"
        for at in range(2)
    )
    with pytest.raises(Refusal, match="make 103 tasks, and a step has at most 100"):
        settings_reading.parse_settings(SMALL + others)


@pytest.mark.parametrize("feature", ["loan", "prediction", "outcome"])
def test_a_feature_cannot_be_the_key_or_a_column_of_the_log(feature: str):
    with pytest.raises(Refusal):
        settings_reading.parse_settings(SMALL.replace('"income"', f'"{feature}"'))


@pytest.mark.parametrize("name", ['height 5" pipe', "a\\b", "line\nbreak"])
def test_names_that_no_request_or_database_has_are_refused_at_once(name: str) -> None:
    plain = settings_reading.parse_settings(SMALL)
    with pytest.raises(Refusal, match="hold quotes, backslashes or control characters.*rename"):
        settings_reading.typed_settings(plain | {"features": [*plain["features"], name]})


def test_candidates_have_different_names():
    with pytest.raises(Refusal, match="different names"):
        settings_reading.parse_settings(SMALL + SMALL[SMALL.index("[[") :])


NUMBER = SMALL.replace("[[candidates]]", 'kind = "regression"\n[[candidates]]')


def test_intervals_are_asked_for_by_a_section_and_grouped_by_features() -> None:
    read = settings_reading.typed_settings(
        settings_reading.parse_settings(NUMBER + '[interval]\nby = ["region"]')
    )
    assert read.interval is not None
    assert (read.interval.coverage, read.interval.by) == (0.9, ("region",))
    assert read.select_by == read.gates.compare_by == "mae"
    with pytest.raises(Refusal, match=r"interval.by names 'regoin'; did you mean 'region'\?"):
        settings_reading.parse_settings(NUMBER + '[interval]\nby = ["regoin"]')


def test_metrics_and_columns_of_intervals_are_known_only_where_these_are_asked_for() -> None:
    gates, interval = "[gates.minimum]\ncoverage = 0.88\n", "[interval]\n"
    assert settings_reading.parse_settings(NUMBER + gates + interval)
    with pytest.raises(Refusal, match="no metric of a regression target without .interval."):
        settings_reading.parse_settings(NUMBER + gates)
    low = NUMBER.replace('"income"', '"low"')
    assert settings_reading.parse_settings(low)
    with pytest.raises(Refusal, match="columns of its own named ..low.."):
        settings_reading.parse_settings(low + interval)


IMPRESSIONS = SMALL.replace("[[candidates]]", 'kind = "ranking"\n[[candidates]]')
SLATES = '[ranking]\nuser = "region"\nitem = "income"\n'


def test_impressions_need_a_section_that_says_who_saw_what_together() -> None:
    read = settings_reading.typed_settings(settings_reading.parse_settings(IMPRESSIONS + SLATES))
    assert read.others == {"slate": "text", "position": "integer", "propensity": "number"}
    assert (read.ranking.k, read.explore.by, read.select_by) == (20, "none", "log_loss")
    clicks = IMPRESSIONS.replace(
        'target = "defaulted"', 'target = { name = "read", positive = "ja" }'
    )
    assert (
        settings_reading.typed_settings(settings_reading.parse_settings(clicks + SLATES)).positive
        == "ja"
    )
    with pytest.raises(Refusal, match=r'kind = "ranking" needs \[ranking\], which names the feat'):
        settings_reading.parse_settings(IMPRESSIONS)
    for section in (SLATES, '[explore]\nby = "softmax"\n'):
        with pytest.raises(Refusal, match='is for kind = "ranking", and this one is .binary.'):
            settings_reading.parse_settings(SMALL + section)


ACTION = SMALL + "[action]\nlet_through = 0.1\n"


def test_a_prediction_that_is_acted_on_is_declared_and_its_rows_can_be_weighed() -> None:
    weighed = ACTION + '[train]\nweights = "inverse_propensity"\n'
    read = settings_reading.typed_settings(settings_reading.parse_settings(weighed))
    assert read.action is not None
    assert (read.action.on, read.action.let_through, read.action.seed) == (True, 0.1, 0)
    assert read.others == {read.propensity: "number"} == {"propensity": "number"}
    assert settings_reading.typed_settings(settings_reading.parse_settings(SMALL)).others == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ACTION + "lets_through = 0", "did you mean 'let_through'?"),
        (ACTION.replace("0.1", "1"), "action.let_through = 1"),
        (ACTION.replace('"income"', '"action"'), "columns of its own named ['action']"),
        (ACTION + 'propensity = "loan"', "action names 'loan' as the column of propensities"),
        (NUMBER + "[action]\n", 'action is for kind = "binary", and this one is'),
        (SMALL + "[train]\nclip = 5", 'which they have with kind = "ranking" or [action]'),
    ],
)
def test_what_is_wrong_with_an_action_is_said_in_one_line(text: str, told: str) -> None:
    with pytest.raises(Refusal) as refused:
        settings_reading.parse_settings(text)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"region"\n', '"regoin"\n', "ranking names 'regoin'; did you mean 'region'?"),
        ('item = "income"', 'item = "region"', "must be different columns"),
        ('item = "income"', 'item = "income"\nposition = "loan"', "are key, time or target"),
        ('item = "income"', 'item = "income"\nslates = "x"', "did you mean 'slate'?"),
        ('item = "income"', 'item = "income"\nk = 0', "ranking.k = 0"),
        ('["income", "region"]', '["income", "region", "position"]', "known only when the model"),
        ("[ranking]", '[explore]\nby = "chance"\n[ranking]', "explore.by = 'chance'"),
        ("[ranking]", "[explore]\ntemperature = 0\n[ranking]", "explore.temperature = 0"),
    ],
)
def test_what_is_wrong_with_slates_is_told_in_one_line(old: str, new: str, told: str) -> None:
    with pytest.raises(Refusal) as refused:
        settings_reading.parse_settings((IMPRESSIONS + SLATES).replace(old, new, 1))
    assert told in str(refused.value)
