"""`surefit nist`: the table, the document, exit codes, models given in two ways."""

import json

from surefit.cli.main import main
from tests.certification.published import decay_of_two_inputs


def test_a_folder_of_files_is_certified_and_written(tmp_path, capsys):
    (tmp_path / "Decay.dat").write_text(decay_of_two_inputs()[0])
    assert main(["nist", "--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 0
    assert "1 of 1 problems certified from no start." in capsys.readouterr().out
    document = json.loads((tmp_path / "out" / "nist.json").read_text())
    assert document["passed"] is True


def test_a_wrong_formula_is_missed_with_exit_code_1(tmp_path, capsys):
    path = tmp_path / "Decay.dat"
    path.write_text(decay_of_two_inputs()[0])
    assert main(["nist", "--data", str(path), "--formula", "b1 - b2*x1", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["passed"] is False


def test_models_beside_the_data_are_used(tmp_path, capsys):
    (tmp_path / "Decay.dat").write_text(decay_of_two_inputs()[0])
    (tmp_path / "models.py").write_text(
        "import numpy as np\n"
        "def Decay(x, b1, b2):\n    return b1 - b2*x[:, 0]*x[:, 1]\n"
        "def Decay_response(y):\n    return np.log(y)\n"
    )
    assert main(["nist", "--data", str(tmp_path)]) == 0
    assert "1 of 1 problems certified from start 1." in capsys.readouterr().out


def test_bad_use_is_one_sentence(tmp_path, capsys):
    assert main(["nist", "--data", str(tmp_path / "absent")]) == 2
    assert "There is no folder" in capsys.readouterr().err
    assert main(["nist", "--formula", "b1*x"]) == 2
    assert "does not say for which problem" in capsys.readouterr().err
    assert main(["nist", "--models", str(tmp_path / "absent.py")]) == 2
    assert "There is no file" in capsys.readouterr().err
