import json

from absl.testing import absltest, parameterized

from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.networks.network_kinds import (
    Cell,
    Conv4,
    network_from_json,
    network_to_json,
)

_GENOME = Genome((Block(0, "conv3x3", 1, "identity"),))


class NetworkKindsTest(parameterized.TestCase):
    @parameterized.parameters(
        (Conv4(), "conv4"),
        (Conv4(24), "conv4-24"),
        (Cell(_GENOME), {"blocks": [[0, "conv3x3", 1, "identity"]]}),
    )
    def test_comes_back_from_json(self, network, expected):
        content = network_to_json(network)
        self.assertEqual(content, expected)
        self.assertEqual(network_from_json(json.loads(json.dumps(content))), network)

    @parameterized.parameters(
        (None,),
        ("conv5",),
        ("conv4-",),
        ("conv4-0",),
        ("conv4-1025",),
        ("conv4-24 ",),
        (5,),
        ([["blocks"]],),
        ({},),
        ({"blocks": []},),
        ({"blocks": [[0, "conv3x3", 1, "identity"]], "ways": 5},),
        ({"blocks": float("nan")},),
    )
    def test_refuses_all_else(self, content):
        with self.assertRaisesRegex(ValueError, "must .*Received: "):
            network_from_json(content)

    def test_refuses_what_is_nested_too_deeply(self):
        content = []
        for _ in range(200_000):
            content = [content]
        with self.assertRaisesRegex(ValueError, "nested too deeply"):
            network_from_json({"blocks": content})

    def test_networks_of_equal_cells_are_equal(self):
        self.assertEqual(
            len({Cell(_GENOME), Cell(_GENOME), Conv4(), Conv4(), Conv4(9)}), 3
        )


if __name__ == "__main__":
    absltest.main()
