"""What one farm may not learn of the other."""

from tests.factories import TargetFactory


def test_a_programme_shows_no_target_of_the_farm_next_door(
    client, clerk, supervisor, hillside, riverside, programme
):
    TargetFactory(programme=programme, unit=None, title="全局目标")
    TargetFactory(programme=programme, unit=riverside, title="本场目标")
    TargetFactory(programme=programme, unit=hillside, title="邻场目标")
    client.force_login(clerk)
    page = client.get(programme.get_absolute_url()).content.decode()

    assert "全局目标" in page
    assert "本场目标" in page
    assert "邻场目标" not in page
    assert hillside.name not in page
    client.force_login(supervisor)
    assert "邻场目标" in client.get(programme.get_absolute_url()).content.decode()
