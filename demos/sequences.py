"""Sequences: RNN, GRU and LSTM on English text, where they stop, their gates; a small GPT."""

from __future__ import annotations

import re
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
import nn
from demos.show import COLOURS, MARKERS, Page, panels
from nn import functional as F

QUESTIONS = {
    "What does sample(start) give, and where does it stop?": "nn.RNN",
    "RNN, GRU or LSTM?": "nn.LSTM",
    "Where is a recurrent network better than a feed-forward one?": "nn.GRU",
    "What do an LSTM's input and forget gates do?": "nn.LSTMCell",
}
START, UNKNOWN, END = 0, 1, 2
WORDS = ("<start>", "<unknown>", "<end>")
LENGTH, BATCH, STEPS, HIDDEN = 24, 24, 120, 48


class WordModel(nn.Module):
    """Predicts the next token from those before it, with a recurrent network of any kind.

    Args:
        vocabulary: how many tokens there are.
        kind: `nn.RNN`, `nn.GRU` or `nn.LSTM`.
        hidden_size: the length of the state.
    """

    def __init__(self, vocabulary: int, kind: type[nn.Module], hidden_size: int = HIDDEN) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, 16)
        self.rnn = kind(16, hidden_size, batch_first=True)
        self.linear = nn.Linear(hidden_size, vocabulary)

    def forward(self, tokens: np.ndarray) -> ag.Tensor:
        """Logits of shape (N, L, vocabulary)."""
        outputs, _ = self.rnn(self.embed(tokens))
        return self.linear(outputs)

    @ag.no_grad()
    def sample(self, start_token: int, max_len: int = 5) -> list[int]:
        """Return the likeliest tokens after the first, up to max_len of them or to the end token.

        Each token is appended before it is compared with the end token, 2; so the end token is the
        last of a sentence that is complete.
        """
        sampled_ids: list[int] = []
        inputs = self.embed(np.array([[start_token]]))
        h = np.zeros((self.rnn.num_layers, 1, self.rnn.hidden_size))
        for _ in range(max_len):
            outputs, h = self.rnn(inputs, h)
            outputs = self.linear(outputs.squeeze(1))
            predicted = outputs.argmax(1)  # of torch's max(1), only the values exist here
            sampled_ids.append(int(predicted.item()))
            if predicted.item() == END:
                break
            inputs = self.embed(predicted)[:, None]
        return sampled_ids


class FeedForward(nn.Module):
    """Predicts the next character from the last one alone: it has no memory."""

    def __init__(self, vocabulary: int, hidden_size: int = HIDDEN) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, 16)
        self.hidden = nn.Linear(16, hidden_size)
        self.linear = nn.Linear(hidden_size, vocabulary)

    def forward(self, tokens: np.ndarray) -> ag.Tensor:
        """Logits of shape (N, L, vocabulary)."""
        return self.linear(ag.tanh(self.hidden(self.embed(tokens))))


class GPT(nn.Module):
    """Causal self-attention over characters."""

    def __init__(self, vocabulary: int, width: int = 48) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        self.positions = nn.PositionalEncoding(width, batch_first=True)
        self.encoder = nn.TransformerEncoder(
            lambda: nn.TransformerEncoderLayer(
                width, 4, 4 * width, 0.0, "gelu", batch_first=True, norm_first=True
            ),
            2,
            nn.LayerNorm(width),
        )
        self.head = nn.Linear(width, vocabulary)

    def forward(self, tokens: np.ndarray) -> ag.Tensor:
        """Logits of shape (N, L, vocabulary)."""
        return self.head(self.encoder(self.positions(self.embed(tokens)), is_causal=True))


class Findings(NamedTuple):
    """Measurements, keyed by their names in the tables."""

    short: list[str]
    long: list[str]
    complaint: str
    losses: dict[str, float]
    uniform: float
    norms: dict[str, list[float]]
    gates: dict[str, Any]
    kept: dict[tuple[str, str], float]


def run(out: Path) -> Findings:
    """Answer the questions and save the figures in the folder `out`."""
    page = Page("What do recurrent networks remember?", out)
    short, long, complaint = sentence(page)
    text = english()
    characters = sorted(set(text))
    codes = np.array([characters.index(c) for c in text])
    page.theory(
        f"{len(text):,} characters of Python's own documentation, {len(characters)} of them "
        f"distinct. A model that knows nothing loses ln {len(characters)} = "
        f"{np.log(len(characters)):.2f} nats per character."
    )
    models: dict[str, nn.Module] = {}
    losses = {}
    for name, kind in (
        ("feed-forward", FeedForward),
        *(("RNN", nn.RNN), ("GRU", nn.GRU), ("LSTM", nn.LSTM)),
        ("GPT", GPT),
    ):
        ag.random.seed(0)
        recurrent = kind not in (FeedForward, GPT)
        size = len(characters)
        models[name] = WordModel(size, kind) if recurrent else kind(size)
        losses[name] = train(page, name, models[name], codes)
    page.table(
        f"loss on unseen text, after {STEPS} batches",
        ("model", "nats per character"),
        [("none (uniform)", float(np.log(len(characters)))), *losses.items()],
    )
    page.theory(
        "In a plain RNN, the gradient with respect to the state t steps ago is a product of t "
        "matrices Wᵀ·diag(1 - h²). An LSTM passes its cell on through the forget gate alone, which "
        "learning can open."
    )
    norms = {name: memory(kind) for name, kind in (("RNN", nn.RNN), ("LSTM", nn.LSTM))}
    page.table(
        "gradient of the last output with respect to the input t steps earlier, relative to t = 0; "
        "the LSTM has a forget bias of 1",
        ("t", *norms),
        [(str(t), *(norms[name][t] for name in norms)) for t in (0, 5, 10, 20, 39)],
    )
    page.theory(
        "An LSTM's cell becomes f · c + i · g: the forget gate f decides how much of the old "
        "memory c stays, the input gate i how much of the new content g is added."
    )
    kept = forced_gates()
    page.table(
        "a cell holding 3, after a step with g = 1 and its gates forced open or shut",
        ("forget gate", "input gate", "cell"),
        [(*gates, f"{cell:.4g}") for gates, cell in kept.items()],
    )
    gates = lstm_gates(models["LSTM"], "the value of the expression is", characters)
    page.save(picture(norms, gates, "the value of the expression is"), "sequences.png")
    page.verdict(
        f"sample(start) with its default max_len=5 gives '{' '.join(short)}', cut after five "
        "words; with max_len=20 the end token stops it. The LSTM's gradient lasts longer than the "
        "RNN's. The feed-forward model sees one character and learns what usually follows it. The "
        "models with a memory learn more, and have not converged after so few batches."
    )
    return Findings(
        short, long, complaint, losses, float(np.log(len(characters))), norms, gates, kept
    )


def sentence(page: Page) -> tuple[list[str], list[str], str]:
    """Return what a model that learned one sentence says with max_len=5 and max_len=20, and what
    a fourth axis leads to."""
    words = [*WORDS, *["It", "is", "raining", "cats", "and", "dogs", "today"]]
    tokens = np.array([[START, *range(3, len(words)), END]])
    ag.random.seed(0)
    model = WordModel(len(words), nn.RNN, 24)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(60):
        optimizer.zero_grad()
        logits = model(tokens[:, :-1])
        F.cross_entropy(logits.reshape(-1, len(words)), tokens[:, 1:].ravel()).backward()
        optimizer.step()
    said = [[words[i] for i in model.sample(START, **options)] for options in ({}, {"max_len": 20})]
    page.table(
        "a model that learned: It is raining cats and dogs today <end>",
        ("call", "result"),
        [("sample(start)", " ".join(said[0])), ("sample(start, max_len=20)", " ".join(said[1]))],
    )
    page.theory(
        "The loop stops after five tokens, whatever the sentence, because 5 is the default. Two "
        "lines of the usual code need care. The comparison with the end token must stand inside "
        "the loop, or `break` is a syntax error; it comes after the token was appended, so the "
        "end token is part of the result. And one unsqueeze is enough:"
    )
    complaint = fourth_axis(model)
    page.table(
        "the next input, where embed(predicted) has shape (1, 16)",
        ("code", "result"),
        [
            ("embed(predicted).unsqueeze(1)", "shape (1, 1, 16)"),
            ("embed(predicted.unsqueeze(0)).unsqueeze(1)", complaint),
        ],
    )
    return said[0], said[1], complaint


def fourth_axis(model: WordModel) -> str:
    """Return what the network says to an input with an axis too many."""
    predicted = np.array([3])
    try:
        model.rnn(model.embed(predicted[None])[:, None])
    except ag.ShapeError as error:
        return str(error)
    return ""


def english() -> str:
    """Return English prose from the documentation that ships with Python, in lower case."""
    text = " ".join(topics[name] for name in sorted(topics))
    text = re.sub(r"[^a-z .,]", " ", text.lower())
    return re.sub(r" +", " ", text)[:200_000]


def train(page: Page, name: str, model: nn.Module, codes: np.ndarray) -> float:
    """Train on batches of the text; return the loss on its last tenth, which is held out."""
    rng = np.random.default_rng(0)
    border = len(codes) * 9 // 10
    model.float()
    optimizer = nn.optim.Adam(model.parameters(), lr=0.005)

    def batch(low: int, high: int) -> tuple[np.ndarray, np.ndarray]:
        places = rng.integers(low, high - LENGTH - 1, BATCH)[:, None] + np.arange(LENGTH + 1)
        return codes[places[:, :-1]], codes[places[:, 1:]]

    def loss(low: int, high: int) -> ag.Tensor:
        x, y = batch(low, high)
        logits = model(x)
        return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), y.ravel())

    for _ in page.track(range(STEPS), name):
        optimizer.zero_grad()
        loss(0, border).backward()
        nn.optim.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    with ag.no_grad():
        return float(np.mean([loss(border, len(codes)).item() for _ in range(10)]))


def memory(kind: type[nn.Module]) -> list[float]:
    """Return how the last output's gradient decays over earlier inputs: mean of 10 networks."""
    total = np.zeros(40)
    for seed in range(10):
        ag.random.seed(seed)
        options = {"forget_bias": 1.0} if kind is nn.LSTM else {}
        network = kind(8, 24, **options)
        x = ag.Tensor(np.random.default_rng(seed).normal(size=(40, 1, 8)), requires_grad=True)
        outputs, _ = network(x)
        outputs[-1].sum().backward()
        norms = np.linalg.norm(x.grad[:, 0], axis=1)[::-1]
        total += norms / norms[0]
    return (total / 10).tolist()


def forced_gates() -> dict[tuple[str, str], float]:
    """Return a cell that held 3 after one step, its gates forced by their biases."""
    found = {}
    for forget in ("open", "shut"):
        for write in ("open", "shut"):
            cell = nn.LSTMCell(1, 1)
            for p in cell.parameters():
                nn.init.zeros_(p)
            bias = np.zeros(4)
            bias[cell.gate("forget")] = 40.0 if forget == "open" else -40.0
            bias[cell.gate("input")] = 40.0 if write == "open" else -40.0
            bias[cell.gate("cell")] = 20.0  # tanh(20) = 1
            cell.bias_ih.data = bias
            _, memory = cell(np.zeros((1, 1)), (np.zeros((1, 1)), np.full((1, 1), 3.0)))
            found[forget, write] = memory.item()
    return found


def lstm_gates(model: Any, text: str, characters: list[str]) -> dict[str, Any]:
    """Return how open each gate is on average at each character of a sentence."""
    layer, cell = model.rnn, nn.LSTMCell(16, HIDDEN, dtype=np.float32)
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in layer.state_dict().items()})
    found: dict[str, list[float]] = {"input": [], "forget": [], "output": []}
    state: Any = (np.zeros((1, HIDDEN), np.float32), np.zeros((1, HIDDEN), np.float32))
    with ag.no_grad():
        for c in text:
            x = model.embed(np.array([characters.index(c)]))
            gates = x @ cell.weight_ih.T + cell.bias_ih + state[0] @ cell.weight_hh.T + cell.bias_hh
            for name, values in found.items():
                values.append(float(ag.sigmoid(gates[:, cell.gate(name)]).numpy().mean()))
            state = cell(x, state)
    return found


def picture(norms: dict[str, list[float]], gates: dict[str, Any], text: str) -> Any:
    """Plot how gradients decay over time, and how open the gates are over a sentence."""
    figure, axes = panels(2, 5.6)
    for (name, values), colour, marker in zip(norms.items(), COLOURS, MARKERS, strict=False):
        axes[0].semilogy(values, color=colour, marker=marker, ms=3, lw=1, label=name)
    axes[0].set_xlabel("steps before the end")
    axes[0].set_ylabel("relative gradient of the input")
    axes[0].legend(frameon=False)
    for (name, values), colour in zip(gates.items(), COLOURS, strict=False):
        axes[1].plot(values, color=colour, lw=1.4, label=f"{name} gate")
    axes[1].set_xticks(range(len(text)), list(text.replace(" ", "_")), fontsize=8)
    axes[1].set_ylabel("mean openness of the LSTM's gates")
    axes[1].set_ylim(0.0, 1.0)
    axes[1].legend(frameon=False, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure
