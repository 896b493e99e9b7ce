"""Pictures that go into a thesis unchanged: each takes an axes and gives it back. The only importer of matplotlib."""
