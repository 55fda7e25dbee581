from tests.factories import project_of, team_of


def test_a_new_account_owns_a_team_with_a_first_project(user):
    assert team_of(user).memberships.get(user=user).role == "owner"
    assert project_of(user).name == "Drafts"
