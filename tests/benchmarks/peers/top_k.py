"""What implicit's and RecTools' own top-k take for one user at a time; prints seconds and items."""

import json
import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from rectools.models.rank import Distance, ImplicitRanker
from scipy.sparse import csr_matrix

held = np.load(sys.argv[1])
users, items, k = held["users"], held["items"], int(held["k"])
model = AlternatingLeastSquares(factors=users.shape[1], num_threads=1)
model.user_factors, model.item_factors = users, items
nothing = csr_matrix((len(users), len(items)), dtype="float32")
ranker = ImplicitRanker(Distance.DOT, users, items)


def of_implicit(user: int) -> list[int]:
    found = model.recommend(user, nothing[user], N=k, filter_already_liked_items=False)
    return list(map(int, found[0]))


def of_rectools(user: int) -> list[int]:
    return list(map(int, ranker.rank([user], k=k)[1]))


def timed(work: Callable[[int], list[int]]) -> tuple[float, list[list[int]]]:
    took, found = [], []
    for user in range(len(users)):
        began = time.perf_counter()
        found.append(work(user))
        took.append(time.perf_counter() - began)
    return median(took), found


print(json.dumps({"implicit": timed(of_implicit), "RecTools": timed(of_rectools)}))
