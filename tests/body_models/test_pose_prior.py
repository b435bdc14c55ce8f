import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from cliff_ext.body_models import MixturePosePrior, RestPosePrior
from cliff_ext.io import load_pose_prior


@pytest.fixture
def mixture(tmp_path):
    rng = np.random.default_rng(0)
    roots = 0.3 * np.eye(69) + 0.02 * rng.normal(size=(2, 69, 69))
    path = tmp_path / 'prior.npz'
    np.savez(path, means=rng.normal(size=(2, 69)), covars=roots @ roots.transpose(0, 2, 1), weights=[1., 3.])
    return path


def test_the_value_is_the_likeliest_gaussians(mixture):
    content = load_pose_prior(mixture)
    poses = np.random.default_rng(1).normal(size=(4, 69))
    sizes = np.linalg.slogdet(content['covars'])[1] / 2
    densities = np.stack([multivariate_normal(m, c).logpdf(poses) + np.log(w) for m, c, w in
                          zip(content['means'], content['covars'], content['weights'], strict=True)])
    found = MixturePosePrior(mixture)(torch.from_numpy(poses)).numpy()
    assert np.allclose(found, -densities.max(0) - sizes.min())  # SMPLify leaves out the smallest size, a constant


def test_float32_poses_lose_little(mixture):
    prior, poses = MixturePosePrior(mixture), torch.randn(5, 69)
    assert prior(poses).dtype == torch.float32
    assert torch.allclose(prior(poses), prior(poses.double()).float(), rtol=1e-5)


def test_what_ships_finds_real_poses_likelier_than_twisted_ones():
    prior = MixturePosePrior()
    relaxed = torch.zeros(69)
    relaxed[[47, 50]] = torch.tensor([-1.1, 1.1])  # arms down
    backwards = relaxed.clone()
    backwards[9] = -1.5  # a knee the wrong way
    assert prior(relaxed) < prior(torch.full((69, ), 0.5))
    assert prior(relaxed) < prior(backwards) - 5


def test_the_rest_pose_is_best_without_a_mixture():
    assert RestPosePrior()(torch.ones(2, 69)).tolist() == [69., 69.]


def test_a_mixture_over_other_numbers(tmp_path):
    np.savez(tmp_path / 'small.npz', means=np.zeros((1, 3)), covars=np.eye(3)[None], weights=[1.])
    with pytest.raises(ValueError, match='over 3 numbers'):
        MixturePosePrior(tmp_path / 'small.npz')
