"""What a person looks at after training: metrics and plots of the validation images.

It may import prediction and what lies below it.
"""
