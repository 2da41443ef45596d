"""Networks as scikit-learn's estimators: `Classifier` and `Regressor`.

They are imported by `import nn.sklearn`, because scikit-learn takes as long to start as the rest.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakSet

import numpy as np

import autograd as ag
from autograd import data_of
from autograd.errors import described, kind, message
from nn.arguments import integers, size
from nn.data.dataset import TensorDataset
from nn.data.loader import DataLoader
from nn.functional.softmax import softmax
from nn.layers.loss import CrossEntropyLoss, MSELoss
from nn.layers.mlp import MLP
from nn.module.module import Module
from nn.optim.adam import Adam
from nn.training.fit import fit
from nn.training.kinds import check_loss

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted
except ModuleNotFoundError as error:  # pragma: no cover
    if error.name != "sklearn":
        raise
    hint = 'install it by pip install "glassgrad[demos]"'
    text = message("nn.sklearn", hint=f"the library scikit-learn is missing; {hint}")
    raise ModuleNotFoundError(text, name="sklearn") from None

__all__ = ["Classifier", "Regressor"]


_made_before: WeakSet[Module] = WeakSet()


def _options(what: str, options: Any) -> dict[str, Any]:
    """What else `fit` gets, checked.

    Raises:
        TypeError: it is no dictionary, or has a name that `fit` does not take beside ours.
    """
    if options is None:
        return {}
    parameters = inspect.signature(fit).parameters.values()
    known = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    if not isinstance(options, dict):
        got = f"options={described(options)}"
        raise TypeError(message(what, got, "a dictionary, such as {'clip_norm': 1.0}"))
    for name in options:
        if name not in known:
            got, hint = f"options with {name!r}", f"nn.fit takes {', '.join(known)}"
            raise TypeError(message(what, got, "what else nn.fit takes", hint))
    return dict(options)


class _Network(BaseEstimator):  # type: ignore[misc]
    """What both estimators do: make a model, train it, and run it."""

    def __init__(
        self,
        model_fn: Callable[[int, int], Module] | None = None,
        *,
        loss: Any = None,
        optimizer: Callable[[Any], Any] | None = None,
        lr: float = 0.01,
        epochs: int = 50,
        batch_size: int = 32,
        random_state: Any = None,
        options: dict[str, Any] | None = None,
    ) -> None:
        self.model_fn = model_fn
        self.loss = loss
        self.optimizer = optimizer
        self.lr = lr
        self.epochs = epochs
        self.batch_size = batch_size
        self.random_state = random_state
        self.options = options

    def _train(self, x: Any, y: Any, outputs: int, loss: Any) -> Any:
        """Make a model and train it, all of it from the estimator's own randomness."""
        what = type(self).__name__
        loss = loss if self.loss is None else self.loss
        check_loss(what, loss)
        options = {"progress": False, **_options(what, self.options)}
        if self.optimizer is not None and (
            not callable(self.optimizer) or hasattr(self.optimizer, "step")
        ):
            hint = "pass e.g. lambda parameters: nn.optim.SGD(parameters, lr=0.1)"
            got = f"optimizer={described(self.optimizer)}"
            raise TypeError(message(what, got, "a function of parameters", hint))
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        with _seeded(seed):
            model = self._made(what, x.shape[1], outputs)
            optimizer = (
                Adam(model.parameters(), lr=self.lr)
                if self.optimizer is None
                else self.optimizer(model.parameters())
            )
            size_ = size(what, "batch_size", self.batch_size, 1)
            # A batch normalization cannot take a last batch of one sample.
            alone = len(x) > size_ and len(x) % size_ == 1
            data = DataLoader(TensorDataset(x, y), size_, shuffle=True, drop_last=alone)
            self.history_ = fit(model, data, loss, optimizer, self.epochs, **options)
        model.eval()
        self.model_ = model
        return self

    def _made(self, what: str, features: int, outputs: int) -> Module:
        """The model that the user's function makes, or a perceptron with 32 hidden units."""
        if self.model_fn is None:
            return MLP([features, 32, outputs])
        if not callable(self.model_fn) or isinstance(self.model_fn, Module):
            hint = "pass a function that makes a new model for each fit"
            got = f"model_fn={described(self.model_fn)}"
            raise TypeError(message(what, got, "a function of the two sizes", hint))
        model = self.model_fn(features, outputs)
        if not isinstance(model, Module):
            raise TypeError(message(what, f"{kind(model)} from model_fn", "a Module"))
        if model in _made_before:
            got, hint = "a model from model_fn that was trained before", "make it in the function"
            raise ValueError(message(what, got, "a new one for each fit", hint))
        _made_before.add(model)
        return model

    def _outputs(self, x: Any, outputs: tuple[int, ...]) -> Any:
        """What the model returns for an array of samples, checked."""
        check_is_fitted(self)
        x = _validated(self, x, reset=False)
        with ag.no_grad():
            out = np.asarray(data_of(self.model_(ag.Tensor(x))))
        if out.shape != (len(x), *outputs):
            got = f"a model whose output has the shape {out.shape}"
            raise ValueError(message(type(self).__name__, got, f"{(len(x), *outputs)}"))
        return out


class Classifier(ClassifierMixin, _Network):  # type: ignore[misc]
    """A network that assigns samples to classes, as an estimator of scikit-learn's.

    It works in pipelines, searches and cross-validation; `fit` makes a new model each time.

    Args:
        model_fn: from the numbers of features and classes to a `nn.Module` that returns a score for
            each class; by default a perceptron with 32 hidden units.
        loss: from scores of shape (N, C) and class numbers (N,) to one number; by default
            `nn.CrossEntropyLoss`.
        optimizer: from parameters to an optimizer; by default `nn.optim.Adam` with `lr`.
        lr: the learning rate of that.
        epochs: how often all samples are seen.
        batch_size: the number of samples in a step. If one sample is left over, it is left out of
            that epoch, which one by chance, because `nn.BatchNorm1d` cannot take it alone.
        random_state: the seed of initial parameters, order and dropout, as scikit-learn takes it.
        options: what else `nn.fit` takes, such as {"clip_norm": 1.0}.

    Attributes:
        model_: the trained model.
        history_: what `nn.fit` returned.
        classes_: the classes, of any kind, in the order of the model's outputs.

    Raises:
        TypeError: `model_fn` or `optimizer` is no function, or `options` has what `nn.fit` lacks.
        ValueError: `model_fn` returns a model that was trained before.

    Samples have no weights, so `AdaBoostClassifier` cannot use it.

    Example:
        >>> from nn.sklearn import Classifier
        >>> x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        >>> classifier = Classifier(epochs=100, random_state=0)
        >>> classifier.fit(x, ["same", "other", "other", "same"]).predict(x)
        array(['same', 'other', 'other', 'same'], dtype='<U5')
    """

    def fit(self, X: Any, y: Any) -> Classifier:
        """Train a new model.

        Args:
            X: samples of shape (N, F).
            y: their classes, numbers or strings, of shape (N,).

        Returns:
            the estimator.
        """
        X, y = _validated(self, X, y)
        check_classification_targets(y)
        self.classes_, numbers = np.unique(y, return_inverse=True)
        classes = integers(numbers, "Classifier", "y")
        return self._train(X, classes, len(self.classes_), CrossEntropyLoss())  # type: ignore[no-any-return]

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class, shape (N, C): the softmax of the model's scores."""
        check_is_fitted(self)
        return np.asarray(data_of(softmax(self._outputs(X, (len(self.classes_),)), 1)))

    def predict(self, X: Any) -> Any:
        """The most probable class of each sample, shape (N,)."""
        check_is_fitted(self)
        return self.classes_[self._outputs(X, (len(self.classes_),)).argmax(axis=1)]


class Regressor(RegressorMixin, _Network):  # type: ignore[misc]
    """A network that predicts numbers, as an estimator of scikit-learn's.

    It works in pipelines, searches and cross-validation; `fit` makes a new model each time. Targets
    are learned as they are: scale them to a spread of about 1, by `TransformedTargetRegressor`.

    Args:
        model_fn: from the numbers of features and targets to a `nn.Module`; by default a perceptron
            with 32 hidden units.
        loss: from outputs and targets, both of shape (N, T), to one number; by default
            `nn.MSELoss`.
        optimizer, lr, epochs, batch_size, random_state, options: as for `Classifier`.

    Attributes:
        model_: the trained model.
        history_: what `nn.fit` returned.

    Raises:
        TypeError: `model_fn` is no function, or makes no module.

    Example:
        >>> from nn.sklearn import Regressor
        >>> x = np.linspace(-1.0, 1.0, 64)[:, None]
        >>> Regressor(random_state=0).fit(x, x[:, 0] ** 2).score(x, x[:, 0] ** 2) > 0.9
        True
    """

    def fit(self, X: Any, y: Any) -> Regressor:
        """Train a new model.

        Args:
            X: samples of shape (N, F).
            y: their targets, of shape (N,) or (N, T).

        Returns:
            the estimator.
        """
        X, y = _validated(self, X, y, multi_output=True, y_numeric=True)
        self._shape = y.shape[1:]
        targets = y.reshape(len(y), -1).astype(X.dtype)
        return self._train(X, targets, targets.shape[1], MSELoss())  # type: ignore[no-any-return]

    def predict(self, X: Any) -> Any:
        """The model's outputs, in the shape of the targets: (N,) or (N, T)."""
        check_is_fitted(self)
        out = self._outputs(X, self._shape or (1,))
        return out if self._shape else out[:, 0]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _more_tags(self) -> dict[str, Any]:
        """What scikit-learn 1.5 asks in place of `__sklearn_tags__`."""
        return {"multioutput": True}


def _validated(estimator: Any, *arrays: Any, **options: Any) -> Any:
    """Arrays as scikit-learn checks them, which raises its own errors."""
    options["dtype"] = [np.float64, np.float32]
    try:
        from sklearn.utils.validation import validate_data
    except ImportError:  # before 1.6
        return estimator._validate_data(*arrays, **options)
    return validate_data(estimator, *arrays, **options)


@contextlib.contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """A block in which the default generator starts from a seed; then it goes on as before."""
    generator = ag.random.generator()
    before = generator.bit_generator.state
    ag.random.seed(seed)
    try:
        yield
    finally:
        generator.bit_generator.state = before
