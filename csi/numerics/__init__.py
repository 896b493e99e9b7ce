"""Mathematics on arrays: functions to be read beside the paper they cite. numpy and scipy only."""
