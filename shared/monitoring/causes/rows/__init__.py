"""What rows tell together: of new categories, that come again, by a clock that is off."""
