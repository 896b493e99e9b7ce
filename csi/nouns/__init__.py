"""What a fit can be asked, one subject a file; `csi.fit.Fit` inherits them all."""
