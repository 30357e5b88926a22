"""What pixels mean: from the bytes of a micrograph to a classification. Knows no transport.

bytes -> decoding (formats/) -> banner -> grey -> preprocessing -> onnx_classifier -> classification
                                   quality: what a reader of the numbers should know
bundle -> manifest -> sessions -> golden: a model that may serve
"""
