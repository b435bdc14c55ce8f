# CLIFF's training data: Human3.6M and MPI-INF-3DHP with their own joints, COCO and MPII with CLIFF's published pseudo ground
# truth. The npz come from tools/dataset_converters, the two cliffGT files from CLIFF's page or from tools/annotate.py.
train_pipeline = [
    dict(type='LoadHumanImage'),
    dict(type='RandomFrameFlip'),
    dict(type='RandomFrameRotate', angle=30., prob=0.4),
    dict(type='ExtremeCrop', prob=0.1),
    dict(type='RandomBoxScale', scale=0.25),
    dict(type='FullFrameCrop', output_size=(192, 256)),
    dict(type='ColorNoise', strength=0.4),
    dict(type='PasteOccluder', prob=0.3),
    dict(type='PackHumanInputs'),
]
train_body = dict(type='SMPLBody', model_path='data/smpl')
train_dataloader = dict(
    batch_size=32,
    num_workers=8,
    pin_memory=True,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='cliff_ext.collate_samples'),
    dataset=dict(
        type='MixedHumanDataset',
        partition=[0.4, 0.1, 0.35, 0.15],
        datasets=[
            dict(
                type='HumanMeshDataset',
                layout=dict(type='HumanDataLayout', file='data/human_data/h36m_train.npz'),
                image_root='data/h36m',
                body_model=train_body,
                pipeline=train_pipeline),
            dict(
                type='HumanMeshDataset',
                layout=dict(type='HumanDataLayout', file='data/human_data/mpi_inf_3dhp_train.npz'),
                image_root='data/mpi_inf_3dhp',
                body_model=train_body,
                pipeline=train_pipeline),
            dict(
                type='HumanMeshDataset',
                layout=dict(type='CliffLayout', file='data/coco2014part_cliffGT.npz', dataset='coco'),
                image_root='data/coco',
                body_model=train_body,
                pipeline=train_pipeline),
            dict(
                type='HumanMeshDataset',
                layout=dict(type='CliffLayout', file='data/mpii_cliffGT.npz', dataset='mpii'),
                image_root='data/mpii',
                body_model=train_body,
                pipeline=train_pipeline),
        ]))
