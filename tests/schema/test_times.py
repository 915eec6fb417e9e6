"""Times in ISO 8601, as the contract says, and beyond the years."""

from shared.schema.contract import ContractColumn
from shared.schema.reading import read_values
from tests.values import BY_TYPE


def test_times_are_read_as_the_contract_says_and_as_iso() -> None:
    column = ContractColumn(name="c", type="time", format="%d/%m/%Y %H:%M")
    reading = read_values(["01/05/2024 10:00", "2024-05-01", "05/13/2024 10:00"], column)
    found = [str(moment) for moment in reading.values.to_pylist()]
    assert found == ["2024-05-01 10:00:00+00:00", "2024-05-01 00:00:00+00:00", "None"]
    assert [(w, r.tolist()) for w, r in reading.unreadable.items()] == [
        ("not a time as %d/%m/%Y %H:%M writes it", [False, False, True])
    ]


def test_a_zone_may_bring_a_time_into_the_years_in_whatever_company() -> None:
    near = ["1899-12-31T23:00:00-02:00", "2201-01-01T01:00:00+02:00"]
    for company in ([], ["2024-05-01"]):
        reading = read_values(near + company, BY_TYPE["time"])
        assert [moment.year for moment in reading.values.to_pylist()[:2]] == [1900, 2200]
        assert reading.unreadable == {}
