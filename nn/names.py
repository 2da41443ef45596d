"""What to write for PyTorch's names that `nn` lacks: layers, functions, optimizers and methods."""

from __future__ import annotations

from typing import Any

import autograd as ag
from autograd.names import FUNCTIONS, of

NOTHING = "there is nothing like it here"
SIZES = "; sizes are given here"
THREE = "; there are no layers over three axes"
NORM = "a Module whose forward pass computes weight from the parameters that it holds"

# `nn.NAME`
LAYERS = {
    "AdaptiveAvgPool3d": "nn.Lambda(lambda x: x.mean((2, 3, 4), keepdims=True)) for an output of 1",
    "AdaptiveMaxPool3d": "nn.Lambda(lambda x: x.max((2, 3, 4), keepdims=True)) for an output of 1",
    "BatchNorm3d": "nn.BatchNorm1d on x.reshape(n, channels, -1)",
    "InstanceNorm1d": "nn.GroupNorm(channels, channels)",
    "InstanceNorm3d": "nn.GroupNorm(channels, channels)",
    "Buffer": "self.register_buffer(name, array)",
    "ConstantPad1d": "nn.Lambda(lambda x: ag.pad(x, widths, constant_values=value))",
    "ConstantPad2d": "nn.Lambda(lambda x: ag.pad(x, widths, constant_values=value))",
    "ConstantPad3d": "nn.Lambda(lambda x: ag.pad(x, widths, constant_values=value))",
    "ZeroPad1d": "nn.Lambda(lambda x: ag.pad(x, widths))",
    "ZeroPad2d": "nn.Lambda(lambda x: ag.pad(x, widths))",
    "ZeroPad3d": "nn.Lambda(lambda x: ag.pad(x, widths))",
    "ReflectionPad1d": 'nn.Lambda(lambda x: ag.pad(x, widths, "reflect"))',
    "ReflectionPad2d": 'nn.Lambda(lambda x: ag.pad(x, widths, "reflect"))',
    "ReflectionPad3d": 'nn.Lambda(lambda x: ag.pad(x, widths, "reflect"))',
    "ReplicationPad1d": 'nn.Lambda(lambda x: ag.pad(x, widths, "edge"))',
    "ReplicationPad2d": 'nn.Lambda(lambda x: ag.pad(x, widths, "edge"))',
    "ReplicationPad3d": 'nn.Lambda(lambda x: ag.pad(x, widths, "edge"))',
    "CircularPad1d": 'nn.Lambda(lambda x: ag.pad(x, widths, "wrap"))',
    "CircularPad2d": 'nn.Lambda(lambda x: ag.pad(x, widths, "wrap"))',
    "CircularPad3d": 'nn.Lambda(lambda x: ag.pad(x, widths, "wrap"))',
    "CosineSimilarity": "nn.functional.cosine_similarity(a, b)",
    "PairwiseDistance": "ag.linalg.norm(a - b, axis=-1)",
    "EmbeddingBag": "nn.Embedding, and the mean of its output over the axis of tokens",
    "Fold": "ag.fold(windows, ...)",
    "Unfold": "ag.windows(x, ...)",
    "PixelShuffle": "nn.Lambda with x.reshape and x.transpose",
    "PixelUnshuffle": "nn.Lambda with x.reshape and x.transpose",
    "ChannelShuffle": "nn.Lambda with x.reshape and x.swapaxes",
    "GaussianNLLLoss": "0.5 * (ag.log(var) + (x - target) ** 2 / var).mean()",
    "PoissonNLLLoss": "(ag.exp(x) - target * x).mean()",
    "MarginRankingLoss": "ag.relu(margin - y * (a - b)).mean()",
    "SoftMarginLoss": "ag.softplus(-y * x).mean()",
    "NLLLoss2d": "nn.NLLLoss",
    "Hardshrink": "nn.Lambda(lambda x: ag.where(ag.abs(x) > 0.5, x, 0.0))",
    "Softshrink": "nn.Lambda(lambda x: ag.sign(x) * ag.relu(ag.abs(x) - 0.5))",
    "Threshold": "nn.Lambda(lambda x: ag.where(x > threshold, x, value))",
    "Softmax2d": "nn.Softmax(dim=-3)",
    "Dropout3d": "nn.Dropout2d on x.reshape(n, channels, -1, 1)",
    "FeatureAlphaDropout": "nn.AlphaDropout",
    "ParameterDict": "an attribute for each parameter, or nn.ParameterList",
    "TransformerDecoderLayer": "a Module of nn.MultiheadAttention, nn.LayerNorm and nn.Linear",
    "TransformerDecoder": "a Module of nn.MultiheadAttention, nn.LayerNorm and nn.Linear",
    "Transformer": "nn.TransformerEncoder, or a Module of nn.MultiheadAttention",
    "UpsamplingNearest2d": 'nn.Upsample(scale_factor=2, mode="nearest")',
    "UpsamplingBilinear2d": 'nn.Upsample(scale_factor=2, mode="bilinear")',
    "LPPool1d": "(nn.functional.avg_pool1d(x**p, k) * k) ** (1 / p)",
    "LPPool2d": "(nn.functional.avg_pool2d(x**p, k) * k**2) ** (1 / p)",
    "LazyLinear": "nn.Linear(in_features, out_features); sizes are given here",
    "LazyConv1d": "nn.Conv1d(in_channels, out_channels, kernel_size); sizes are given here",
    "LazyConv2d": "nn.Conv2d(in_channels, out_channels, kernel_size); sizes are given here",
    "LazyBatchNorm1d": "nn.BatchNorm1d(channels); sizes are given here",
    "LazyBatchNorm2d": "nn.BatchNorm2d(channels); sizes are given here",
    "Conv3d": "nn.Conv2d or nn.Conv1d; there are no layers over three axes",
    "ConvTranspose3d": "nn.ConvTranspose2d; there are no layers over three axes",
    "AvgPool3d": "nn.AvgPool2d; there are no layers over three axes",
    "MaxPool3d": "nn.MaxPool2d; there are no layers over three axes",
    "SyncBatchNorm": "nn.SyncBatchNorm1d or nn.SyncBatchNorm2d",
    "DataParallel": "nn.distributed.Optimizer(optimizer), in a program that mpiexec starts",
    "parallel": "the model itself; it runs in one process",
    "RNNBase": "nn.RNNCell, nn.LSTM or nn.GRU",
    "RNNCellBase": "nn.RNNCell, nn.LSTMCell or nn.GRUCell",
    "Container": "nn.Module",
    "modules": "nn, where all layers are",
    "parameter": "nn.Parameter",
    "fused": "nn.Sequential",
    "save": "nn.checkpoint.save(path, model.state_dict())",
    "load": "nn.checkpoint.load(path)",
    "Tensor": "ag.Tensor, after import autograd as ag",
    "RReLU": "nn.LeakyReLU, whose slope is not random",
    "MultiLabelMarginLoss": "nn.MultiMarginLoss for one class",
    "MultiLabelSoftMarginLoss": "nn.BCEWithLogitsLoss, which is the same for a mean over all",
    "CTCLoss": NOTHING,
    "LocalResponseNorm": "nn.GroupNorm(groups, channels)",
    "CrossMapLRN2d": "nn.GroupNorm(groups, channels)",
    "MaxUnpool1d": "nn.Upsample(scale_factor=2), or nn.ConvTranspose1d",
    "MaxUnpool2d": "nn.Upsample(scale_factor=2), or nn.ConvTranspose2d",
    "MaxUnpool3d": NOTHING,
    "FractionalMaxPool2d": "nn.AdaptiveMaxPool2d(output_size), whose windows are not random",
    "FractionalMaxPool3d": NOTHING,
    "AdaptiveLogSoftmaxWithLoss": "nn.Linear(in_features, classes); nn.CrossEntropyLoss",
    "LinearCrossEntropyLoss": "nn.Linear(in_features, classes); nn.CrossEntropyLoss",
    "LinearCrossEntropyOptions": "nn.Linear(in_features, classes); nn.CrossEntropyLoss",
    "TripletMarginWithDistanceLoss": "ag.relu(d(a, p) - d(a, n) + margin).mean()",
    "UninitializedParameter": "nn.Parameter(data)" + SIZES,
    "UninitializedBuffer": "self.register_buffer(name, array)" + SIZES,
    "LPPool3d": NOTHING,
    "LazyBatchNorm3d": "nn.BatchNorm1d(channels) on x.reshape(n, channels, -1)",
    "LazyConv3d": "nn.Conv2d" + THREE,
    "LazyConvTranspose1d": "nn.ConvTranspose1d(in_channels, out_channels, kernel_size)" + SIZES,
    "LazyConvTranspose2d": "nn.ConvTranspose2d(in_channels, out_channels, kernel_size)" + SIZES,
    "LazyConvTranspose3d": "nn.ConvTranspose2d" + THREE,
    "LazyInstanceNorm1d": "nn.GroupNorm(channels, channels)" + SIZES,
    "LazyInstanceNorm2d": "nn.InstanceNorm2d(channels)" + SIZES,
    "LazyInstanceNorm3d": "nn.GroupNorm(channels, channels)" + SIZES,
    "attention": "nn.functional.scaled_dot_product_attention",
    "common_types": "int | tuple[int, int]",
    "factory_kwargs": "dtype=np.float32",
    "grad": "ag.grad",
    "intrinsic": NOTHING,
    "qat": NOTHING,
    "quantizable": NOTHING,
    "quantized": NOTHING,
}

# `nn.functional.NAME`
LAYER_FUNCTIONS = {
    "pad": "ag.pad(x, widths, mode), with a pair of widths for each axis",
    "embedding_bag": "the mean of nn.functional.embedding over the axis of tokens",
    "unfold": "ag.windows(x, ...)",
    "fold": "ag.fold(windows, ...)",
    "upsample": "nn.functional.interpolate(x, ...)",
    "upsample_nearest": 'nn.functional.interpolate(x, ..., mode="nearest")',
    "upsample_bilinear": 'nn.functional.interpolate(x, ..., mode="bilinear")',
    "hardshrink": "ag.where(ag.abs(x) > lambd, x, 0.0)",
    "softshrink": "ag.sign(x) * ag.relu(ag.abs(x) - lambd)",
    "threshold": "ag.where(x > threshold, x, value)",
    "gumbel_softmax": "nn.functional.softmax((logits + rng.gumbel(size=logits.shape)) / tau)",
    "pixel_shuffle": "x.reshape and x.transpose",
    "pixel_unshuffle": "x.reshape and x.transpose",
    "pdist": "ag.linalg.norm(x[i] - x[j], axis=-1), with i, j = np.triu_indices(n, 1)",
    "gaussian_nll_loss": "0.5 * (ag.log(var) + (x - target) ** 2 / var).mean()",
    "poisson_nll_loss": "(ag.exp(x) - target * x).mean()",
    "margin_ranking_loss": "ag.relu(margin - y * (a - b)).mean()",
    "soft_margin_loss": "ag.softplus(-y * x).mean()",
    "dropout3d": "nn.functional.dropout2d on x.reshape(n, channels, -1, 1)",
    "feature_alpha_dropout": "nn.functional.alpha_dropout",
    "multi_head_attention_forward": "nn.functional.scaled_dot_product_attention",
    "relu_": "x = nn.functional.relu(x)",
    "elu_": "x = nn.functional.elu(x)",
    "selu_": "x = nn.functional.selu(x)",
    "celu_": "x = nn.functional.celu(x)",
    "hardtanh_": "x = nn.functional.hardtanh(x)",
    "leaky_relu_": "x = nn.functional.leaky_relu(x)",
    "conv3d": "nn.functional.conv2d; there are no layers over three axes",
    "max_pool3d": "nn.functional.max_pool2d; there are no layers over three axes",
    "avg_pool3d": "nn.functional.avg_pool2d; there are no layers over three axes",
    "conv_transpose3d": "nn.functional.conv_transpose2d" + THREE,
    "adaptive_avg_pool3d": "x.mean((2, 3, 4), keepdims=True) for an output of 1",
    "adaptive_max_pool3d": "x.max((2, 3, 4), keepdims=True) for an output of 1",
    **{
        f"{name}_with_indices": f"nn.functional.{name}; x.argmax(axis) has positions"
        for name in ("adaptive_max_pool1d", "adaptive_max_pool2d", "max_pool1d", "max_pool2d")
    },
    "adaptive_max_pool3d_with_indices": NOTHING,
    "max_pool3d_with_indices": NOTHING,
    "fractional_max_pool2d": "nn.functional.adaptive_max_pool2d(x, output_size)",
    "fractional_max_pool2d_with_indices": "nn.functional.adaptive_max_pool2d(x, output_size)",
    "fractional_max_pool3d": NOTHING,
    "fractional_max_pool3d_with_indices": NOTHING,
    "lp_pool1d": "(nn.functional.avg_pool1d(x**p, k) * k) ** (1 / p)",
    "lp_pool2d": "(nn.functional.avg_pool2d(x**p, k) * k**2) ** (1 / p)",
    "lp_pool3d": NOTHING,
    "max_unpool1d": "nn.functional.interpolate(x, scale_factor=2)",
    "max_unpool2d": "nn.functional.interpolate(x, scale_factor=2)",
    "max_unpool3d": NOTHING,
    "affine_grid": NOTHING,
    "grid_sample": "nn.functional.interpolate for a regular grid, or x[:, :, rows, columns]",
    "channel_shuffle": "x.reshape and x.swapaxes",
    "native_channel_shuffle": "x.reshape and x.swapaxes",
    "conv_tbc": "nn.functional.conv1d(x.transpose(1, 2, 0), weight, bias)",
    "ctc_loss": NOTHING,
    "linear_cross_entropy": "nn.functional.cross_entropy(nn.functional.linear(x, weight), target)",
    "local_response_norm": "nn.functional.group_norm(x, groups)",
    "multilabel_margin_loss": "nn.functional.multi_margin_loss for one class",
    "multilabel_soft_margin_loss": "nn.functional.binary_cross_entropy_with_logits",
    "triplet_margin_with_distance_loss": "ag.relu(d(a, p) - d(a, n) + margin).mean()",
    "rrelu": "nn.functional.leaky_relu, whose slope is not random",
    "rrelu_": "nn.functional.leaky_relu, whose slope is not random",
    "threshold_": "x = ag.where(x > threshold, x, value)",
    "grouped_mm": "a loop over a @ b",
    "scaled_grouped_mm": "a loop over a @ b",
    "scaled_mm": "a @ b",
    "ScalingType": "a @ b",
    "SwizzleType": "a @ b",
    "assert_int_or_pair": NOTHING,
}

# `nn.optim.NAME`
OPTIMIZERS = {
    "RAdam": "nn.optim.Adam with nn.optim.LinearWarmup",
    "ASGD": "nn.optim.SGD with nn.optim.ExponentialMovingAverage",
    "Rprop": "nn.optim.RMSprop",
    "SparseAdam": "nn.optim.Adam",
    "Adafactor": "nn.optim.Adam",
    "Muon": "nn.optim.AdamW",
    "swa_utils": "nn.optim.ExponentialMovingAverage",
    "CyclicLR": "nn.optim.OneCycleLR",
    "MultiplicativeLR": "nn.optim.LambdaLR",
    "swap_in_optimizer_params_and_state": "optimizer.load_state_dict(state)",
}

# `nn.optim.lr_scheduler.NAME`
SCHEDULERS = {"Optimizer": "nn.optim.Optimizer"}

# `nn.utils.NAME`
UTILITIES = {
    "clip_grad_norm": "nn.utils.clip_grad_norm_(parameters, max_norm)",
    "clip_grad": "nn.utils.clip_grad_norm_(parameters, max_norm)",
    "get_total_norm": "nn.utils.clip_grad_norm_(parameters, np.inf), which only measures",
    "parameters_to_vector": "ag.concatenate([p.ravel() for p in parameters])",
    "vector_to_parameters": "p.data = part.reshape(p.shape) for each part of the vector",
    "data": "nn.data",
    "checkpoint": "nn.checkpoint",
    "clip_grads_with_norm_": "nn.utils.clip_grad_norm_(parameters, max_norm)",
    "convert_parameters": "ag.concatenate([p.ravel() for p in parameters])",
    "convert_conv2d_weight_memory_format": "the layer itself; arrays have NumPy's layout",
    "convert_conv3d_weight_memory_format": "the layer itself; arrays have NumPy's layout",
    "memory_format": "the layer itself; arrays have NumPy's layout",
    "fuse_conv_bn_eval": "model.eval(); layers run one after the other",
    "fuse_conv_bn_weights": "model.eval(); layers run one after the other",
    "fuse_linear_bn_eval": "model.eval(); layers run one after the other",
    "fuse_linear_bn_weights": "model.eval(); layers run one after the other",
    "fusion": "model.eval(); layers run one after the other",
    "init": "nn.init",
    "parametrize": NORM,
    "parametrizations": NORM,
    "spectral_norm": NORM,
    "remove_spectral_norm": NORM,
    "weight_norm": NORM,
    "remove_weight_norm": NORM,
    "prune": "p.data = p.data * mask; nn.optim.Proximal finds a mask",
    "rnn": "a mask in the loss; sequences of a batch have one length",
    "skip_init": "the layer itself; its values are drawn when it is made",
    "stateless": "model.load_state_dict(state)",
}

# `nn.data.NAME`
DATA = {
    "BatchSampler": "nn.data.DataLoader(dataset, batch_size)",
    "RandomSampler": "nn.data.DataLoader(dataset, shuffle=True)",
    "SequentialSampler": "nn.data.DataLoader(dataset), which goes in order",
    "SubsetRandomSampler": "nn.data.DataLoader(nn.data.Subset(dataset, indices), shuffle=True)",
    "WeightedRandomSampler": "nn.data.Subset(dataset, rng.choice(n, size, p=weights))",
    "DistributedSampler": "nn.data.Subset(dataset, indices) with each process's indices",
    "Sampler": "nn.data.Subset(dataset, indices)",
    "sampler": "nn.data.Subset(dataset, indices)",
    "IterableDataset": "nn.data.Dataset, with __len__ and __getitem__, or a loop over batches",
    "ChainDataset": "nn.data.ConcatDataset(datasets)",
    "StackDataset": "nn.data.TensorDataset(*arrays)",
    "default_convert": "nn.data.default_collate(samples)",
    "dataloader": "nn.data.DataLoader",
    "distributed": "nn.data.Subset(dataset, indices) with each process's indices",
    "get_worker_info": "nothing; batches are made in this process",
    **dict.fromkeys(
        (
            *("DFIterDataPipe", "DataChunk", "IterDataPipe", "MapDataPipe", "datapipes"),
            *("functional_datapipe", "argument_validation", "graph", "graph_settings"),
            *("guaranteed_datapipes_determinism", "non_deterministic"),
            *("runtime_validation", "runtime_validation_disabled"),
        ),
        "nn.data.Dataset, with __len__ and __getitem__",
    ),
}

# `nn.init.NAME`
INITIALIZERS = {
    name: f"nn.init.{name}_(tensor)"
    for name in (
        *("constant", "dirac", "eye", "kaiming_normal", "kaiming_uniform", "normal"),
        *("orthogonal", "uniform", "xavier_normal", "xavier_uniform"),
    )
} | {"sparse": "nn.init.normal_(tensor), and a mask"}

# `model.NAME`
MODULE_METHODS = {
    "to": "model.astype(dtype); there are no devices here",
    "type": "model.astype(dtype)",
    "cuda": "nothing; all arrays are in the memory of the CPU",
    "cpu": "nothing; all arrays are in the memory of the CPU",
    "half": "model.astype(np.float16)",
    "bfloat16": "model.astype(np.float32); NumPy has no bfloat16",
    "compile": "ag.compile(step), for a function that makes a training step",
    "add_module": "model.register_module(name, module)",
    "get_parameter": "dict(model.named_parameters())[path]",
    "get_buffer": "dict(model.named_buffers())[path]",
    "set_submodule": "setattr(model.get_submodule(parent), name, module)",
    "share_memory": "nothing; a model runs in one process",
    "register_full_backward_hook": "t.register_hook(hook) on the output of the module",
    "register_backward_hook": "t.register_hook(hook) on the output of the module",
    "predict": "model.eval(), and model(x) under ag.no_grad()",
    "summary": "nn.summary(model, x)",
    "save": "nn.checkpoint.save(path, model.state_dict())",
    "load": "model.load_state_dict(nn.checkpoint.load(path))",
}

# Parameters of PyTorch's that have no counterpart: the default, which is accepted, and what to do
# instead of giving another value.
PARAMETERS: dict[str, tuple[Any, str]] = {
    "device": (None, "leave it out; arrays are in the memory of the CPU"),
    "size_average": (None, "write reduction='mean' or reduction='sum'"),
    "reduce": (None, "write reduction='none' to get every loss"),
    "proj_size": (0, "leave it out, and map the output with nn.Linear"),
    "max_norm": (None, "call nn.optim.max_norm_(table.weight, max_norm) after each step"),
    "norm_type": (2.0, "leave it out; nn.optim.max_norm_ takes the 2-norm"),
    "scale_grad_by_freq": (False, "leave it out, or divide by np.bincount(tokens) in a hook"),
    "sparse": (False, "leave it out; gradients are dense"),
    "_weight": (None, "assign table.weight.data"),
    "_freeze": (False, "call table.requires_grad_(False)"),
    "antialias": (False, "leave it out, or smooth the input with nn.functional.avg_pool2d"),
    "out": (None, "use the result"),
    "min_value": (None, "write min_val"),
    "max_value": (None, "write max_val"),
    "differentiable": (False, "leave it out; ag.grad differentiates steps that you write out"),
    "last_epoch": (-1, "call load_state_dict with the state of the scheduler that you saved"),
    "sampler": (None, "write shuffle=True, or pass nn.data.Subset(dataset, indices)"),
    "batch_sampler": (None, "write batch_size and shuffle, or loop over the batches yourself"),
    "num_workers": (0, "leave it out; batches are made in this process"),
    "pin_memory": (False, "leave it out; arrays are in the memory of the CPU"),
    "timeout": (0, "leave it out; batches are made in this process"),
    "worker_init_fn": (None, "leave it out; batches are made in this process"),
    "multiprocessing_context": (None, "leave it out; batches are made in this process"),
    "prefetch_factor": (None, "leave it out; batches are made in this process"),
    "persistent_workers": (False, "leave it out; batches are made in this process"),
    "pin_memory_device": ("", "leave it out; arrays are in the memory of the CPU"),
    "_stacklevel": (3, "leave it out; write dtype= or temperature= by name"),
    "epoch": (None, "leave it out, and call step() once for each epoch"),
    "destination": (None, "leave it out, and update your dictionary with the result"),
    "assign": (False, "leave it out; the arrays are copied into the parameters"),
    "with_kwargs": (False, "leave it out; hooks see positional inputs"),
    "always_call": (False, "leave it out; use try and finally around the call"),
    "in_order": (True, "leave it out; batches come in order"),
}

# Parameters of PyTorch's that are accepted with any value, and why they change nothing.
UNUSED_PARAMETERS = {
    "inplace": "arrays of the graph are never written to; the result is a new one",
    "enable_nested_tensor": "padding is masked in any case, which gives the same output",
    "mask_check": "it only speeds up what enable_nested_tensor does",
    "foreach": "it only chooses between implementations of the same step",
    "fused": "it only chooses between implementations of the same step",
    "capturable": "it only prepares a step for CUDA graphs",
}

# Where a default or a meaning differs from PyTorch's on purpose, by owner and parameter.
DIFFERENCES = {
    "dtype": "a layer has NumPy's precision, float64, unless dtype=np.float32 is given; None is "
    "float64 too",
    "F.batch_norm(momentum)": "it has no effect, as with running statistics that PyTorch does not "
    "update; nn.BatchNorm1d replaces its statistics, and no function writes to an array",
    "F.instance_norm(momentum)": "as in F.batch_norm",
    "F.batch_norm(running_mean, running_var)": "they may be left out in training",
    "F.softmax(dim)": "the last axis by default; PyTorch guesses one and warns",
    "F.log_softmax(dim)": "as in F.softmax",
    "F.softmin(dim)": "as in F.softmax",
    "nn.Softmax(dim)": "as in F.softmax",
    "nn.LogSoftmax(dim)": "as in F.softmax",
    "nn.Softmin(dim)": "as in F.softmax",
    "nn.Parameter(data)": "it is required",
    "F.softplus(threshold)": "none by default; PyTorch's 20 is off by 2e-9 there",
    "nn.Softplus(threshold)": "as in F.softplus",
}

# What is in `autograd` and not here, such as `nn.no_grad`.
AUTOGRAD: dict[str, str] = {name: f"ag.{name}" for name in vars(ag)["__all__"]}

of_package = of("nn", "nn", LAYERS, AUTOGRAD, FUNCTIONS)
of_functional = of("nn.functional", "nn.functional", LAYER_FUNCTIONS, AUTOGRAD, FUNCTIONS)
of_optim = of("nn.optim", "nn.optim", OPTIMIZERS)
of_schedulers = of("nn.optim.lr_scheduler", "nn.optim.lr_scheduler", OPTIMIZERS, SCHEDULERS)
of_data = of("nn.data", "nn.data", DATA)
of_utils = of("nn.utils", "nn.utils", UTILITIES)
of_init = of("nn.init", "nn.init", INITIALIZERS)
