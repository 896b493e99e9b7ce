"""How numbers and tables look on a screen, in a thesis and in a workbook. Nothing here draws."""
