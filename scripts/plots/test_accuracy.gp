# test_accuracy.gp - Figure 5: accuracy on the test set after each epoch; of the notebook protocol its mean over epochs 1
# to k.  Reads curves.csv of `dlexp batchnorm`.
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
input = ARG1; stem = ARG2; arguments = ARGC; load here."style.gp"
measure = "test_accuracy_percent"
load here."epochs.gp"
figure_title = notebook ? "Test accuracy, mean of epochs 1..k" : "Test accuracy"
load here."accuracy.gp"
