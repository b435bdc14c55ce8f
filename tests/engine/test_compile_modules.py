import copy
from types import SimpleNamespace

import torch
from torch import nn

from cliff_ext.engine import CompileHook


class Body(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 4)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.layer(inputs).relu()


def test_chosen_modules_are_compiled_and_keep_their_names():
    model = nn.ModuleDict(dict(backbone=Body(), head=nn.Linear(4, 2)))
    keys, inputs = list(model.state_dict()), torch.randn(5, 3)
    plain = model['backbone'](inputs)
    seen = []

    def backend(graph, examples):
        seen.append(graph)
        return graph.forward

    CompileHook(options=dict(backend=backend)).before_train(SimpleNamespace(model=model))
    torch.testing.assert_close(model['backbone'](inputs), plain)
    model['head'](plain)
    assert len(seen) == 1 and list(model.state_dict()) == keys
    copy.deepcopy(model)['backbone'](inputs)  # an averaged copy is not compiled
    assert len(seen) == 1
