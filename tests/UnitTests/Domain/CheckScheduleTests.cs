using PayRecharge.Domain.Orders;

namespace PayRecharge.UnitTests.Domain;

internal sealed class CheckScheduleTests
{
    private static readonly DateTimeOffset Made = new(2024, 2, 29, 16, 0, 0, TimeSpan.Zero);

    [TestCase(0, 5)]
    [TestCase(4, 5)]
    [TestCase(5, 60)]
    [TestCase(59, 60)]
    [TestCase(60, null)]
    [TestCase(-3600, 5 - 3600)]
    public void The_next_question_comes_at_the_next_age(int now, int? next) =>
        Assert.That(new CheckSchedule([TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60)]).Next(Made, Made.AddSeconds(now)), Is.EqualTo(next is null ? null : Made.AddSeconds(next.Value)));

    // A check that is due later than the longest wait counts as set by a wrong clock.
    [TestCase]
    [TestCase(0)]
    [TestCase(60, 60)]
    [TestCase(60, 30)]
    [TestCase(901)]
    [TestCase(60, 961)]
    public void Ages_that_do_not_rise_or_are_too_far_apart_are_refused(params int[] ages) =>
        Assert.That(() => new CheckSchedule(ages.Select(a => TimeSpan.FromSeconds(a))), Throws.ArgumentException);
}
