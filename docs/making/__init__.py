"""What the site is made with: pages generated from the library, formulas as MathML, a search that knows Chinese."""
