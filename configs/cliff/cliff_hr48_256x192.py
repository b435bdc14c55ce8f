# CLIFF with HRNet-W48, for the official checkpoints hr48-PA43.0_MJE69.0_MVE81.2_3dpw.pt and
# hr48-PA53.7_MJE91.4_MVE110.0_agora_val.pt (convert them first: tools/model_converters/convert_official.py).
_base_ = ['./cliff_res50_256x192.py']
model = dict(backbone=dict(_delete_=True, type='ClsHRNet', width=48))
