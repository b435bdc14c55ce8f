# As posenet_res50_h36m-p2.py, protocol 1.
_base_ = ['./posenet_res50_h36m-p2.py']
train_dataloader = dict(
    dataset=dict(
        datasets=[
            dict(
                _base_.train_dataloader.dataset.datasets[0],
                layout=dict(type='Human36MLayout', data_root='data/Human36M', split='train', protocol=1)),
            _base_.train_dataloader.dataset.datasets[1],
        ]))
test_dataloader = dict(dataset=dict(layout=dict(protocol=1)))
val_dataloader = test_dataloader
test_evaluator = dict(protocol=1)
val_evaluator = test_evaluator
