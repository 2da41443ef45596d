"""The history as a mapping, as a table, and as curves."""

import pytest

import nn


@pytest.fixture
def history():
    history = nn.History()
    for i in range(4):
        history.append({"loss": 1.0 / (i + 1), "val_loss": 2.0 / (i + 1), "lr": 0.1 * 0.9**i})
    return history


def test_the_table(history):
    lines = repr(history).splitlines()
    assert lines[0].split() == ["epoch", "loss", "val_loss", "lr"] and len(lines) == 6
    assert lines[2].split() == ["1", "1", "2", "0.1"]


def test_the_curves(history, tmp_path):
    figure = history.plot(tmp_path / "curves.png")
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss", "learning rate"]
    training, validation = figure.axes[0].lines
    assert training.get_ydata().tolist() == history["loss"]
    assert validation.get_ydata().tolist() == history["val_loss"]
    assert (tmp_path / "curves.png").stat().st_size > 10_000


def test_the_suffix_decides_the_format(history, tmp_path):
    history.plot(tmp_path / "a" / "curves.svg")
    assert (tmp_path / "a" / "curves.svg").read_text().startswith("<?xml")
    history.plot(str(tmp_path / "b"))
    assert (tmp_path / "b.png").read_bytes().startswith(b"\x89PNG")


def test_curves_that_cannot_be_saved_leave_no_file(history, tmp_path):
    with pytest.raises(ValueError, match="'txt' is not supported"):
        history.plot(tmp_path / "folder" / "curves.txt")
    assert not list(tmp_path.iterdir())


def test_a_rate_that_never_changes_is_not_drawn():
    history = nn.History({"loss": [1.0, 0.5], "lr": [0.1, 0.1]})
    assert [axes.get_ylabel() for axes in history.plot().axes] == ["loss"]


def test_it_is_a_mapping(history):
    assert list(history) == ["loss", "val_loss", "lr"] and len(history) == 3 and history.epochs == 4


def test_an_unknown_name_is_refused(history):
    with pytest.raises(KeyError, match="got 'accuracy'; expected one of loss, val_loss, lr"):
        history["accuracy"]


def test_an_epoch_with_other_names_is_refused(history):
    with pytest.raises(ValueError, match="got loss; expected loss, val_loss, lr"):
        history.append({"loss": 1.0})


def test_an_empty_history_has_no_curves():
    with pytest.raises(ValueError, match="got no epochs; expected at least one"):
        nn.History().plot()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.History(3), "got an int; expected lists of numbers by name"),
        (lambda: nn.History({"loss": 3}), "got a dict; expected lists of numbers by name"),
        (lambda: nn.History().append(3), "got an int; expected numbers by name"),
        (lambda: nn.History().append({"loss": "a"}), "got a str as loss; expected one number"),
    ],
)
def test_other_kinds_are_refused(call, message):
    with pytest.raises(TypeError, match=message):
        call()


def test_a_notebook_shows_curves_and_a_table(history):
    shown = history._repr_html_()
    assert shown.count("<svg") == 2 and "validation" in shown and "0.0729" in shown
    assert nn.History()._repr_html_().count("<svg") == 0
