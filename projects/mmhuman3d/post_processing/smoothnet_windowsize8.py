# SynSP under the name of a network of 8 frames that mmhuman3d's tools know.
smooth_cfg = dict(
    type='cliff_ext.LearnedRefine',
    model=dict(type='SynSP', window_size=8, in_channels=144, dropout=0., base_frequencies=2),
    checkpoint='embedded:refine_synsp8_smpl.pth',
    on='smpl')
