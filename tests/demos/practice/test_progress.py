"""Progress is kept in a file, and summed up by topic."""

from demos.practice.progress import Progress

WRONG = '{"relu": {"passed": "x", "tries": 1, "hints": 0}}'


def test_records_are_kept(tmp_path):
    file = tmp_path / "a" / "progress.json"
    progress = Progress(file)
    progress.of("relu").passed, progress.of("relu").tries = True, 3
    progress.of("bug 4").passed = True
    progress.save()
    again = Progress(file)
    assert again.of("relu").tries == 3 and again.of("tanh").tries == 0
    lines = {line.split("  ")[0]: line for line in again.summary().splitlines()}
    assert "1 of 8" in lines["activations"] and "1 of 1" in lines["bugs found"]


def test_a_damaged_file_is_started_again(tmp_path):
    file = tmp_path / "progress.json"
    for text in ("", "[1, 2]", '{"relu": 3}', '{"relu": {"passed": true}}', WRONG):
        file.write_text(text)
        assert Progress(file).of("relu").tries == 0
