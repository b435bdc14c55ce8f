import pickle

import numpy as np
from torch.multiprocessing import get_context

from cliff_ext.datasets.shared_arrays import SharedArrays


def make() -> SharedArrays:
    return SharedArrays(numbers=np.arange(6, dtype=np.float32).reshape(3, 2), flags=np.array([True, False, True]),
                        names=np.array(['a/1.jpg', 'ü/22.jpg', '']), constant=np.broadcast_to(np.float32(3), (3, )))


def child(arrays: SharedArrays, answers) -> None:
    answers.put([arrays['names'].tolist(), arrays['flags'].tolist(), arrays['constant'].tolist()])
    arrays['numbers'][0, 0] = 42


def test_started_processes_see_the_same_memory():
    arrays = make()
    context = get_context('spawn')
    answers = context.SimpleQueue()
    process = context.Process(target=child, args=(arrays, answers))
    process.start()
    assert answers.get() == [['a/1.jpg', 'ü/22.jpg', ''], [True, False, True], [3, 3, 3]]
    process.join(60)
    assert process.exitcode == 0 and arrays['numbers'][0, 0] == 42


def test_a_pickle_holds_everything():
    arrays = pickle.loads(pickle.dumps(make()))
    assert {name: arrays[name].tolist() for name in arrays} == {name: value.tolist() for name, value in make().items()}
    assert len(arrays) == 4 and 'flags' in arrays
