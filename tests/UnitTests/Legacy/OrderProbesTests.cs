using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PayRecharge.Domain;
using PayRecharge.WebApi;
using PayRecharge.WebApi.Legacy;

namespace PayRecharge.UnitTests.Legacy;

internal sealed class OrderProbesTests
{
    private static readonly IPAddress Guesser = IPAddress.Parse("192.0.2.1");
    private static readonly object Found = new();

    private readonly FakeTimeProvider _clock = new();
    private int _asked;

    [SetUp]
    public void Start() => _asked = 0;

    [Test]
    public async Task What_finds_nothing_keeps_its_place_for_a_minute()
    {
        using var probes = TwoPlaces();
        for (var guess = 0; guess < 5; guess++) await GuessAsync(probes, new RefusedException(Refusal.OrderUnknown));
        Assert.That(_asked, Is.EqualTo(2));
        _clock.Advance(TimeSpan.FromSeconds(59));
        await GuessAsync(probes, new RefusedException(Refusal.OrderUnknown));
        Assert.That(_asked, Is.EqualTo(2));
        _clock.Advance(TimeSpan.FromSeconds(1));
        for (var guess = 0; guess < 5; guess++) await GuessAsync(probes, new RefusedException(Refusal.OrderUnknown));
        Assert.That(_asked, Is.EqualTo(4));
    }

    [Test]
    public async Task What_fails_otherwise_gives_its_place_back()
    {
        using var probes = TwoPlaces();
        for (var call = 0; call < 10; call++) await GuessAsync(probes, call % 2 == 0 ? new OperationCanceledException() : new RefusedException(Refusal.FieldInvalid));
        Assert.That(_asked, Is.EqualTo(10));
    }

    [Test]
    public async Task What_is_found_costs_nothing_and_is_remembered_for_its_address_alone()
    {
        using var probes = TwoPlaces();
        for (var order = 0; order < 10; order++) Assert.That(await AskAsync(probes, Guesser, $"order{order}"), Is.SameAs(Found));
        for (var guess = 0; guess < 2; guess++) await GuessAsync(probes, new RefusedException(Refusal.OrderUnknown));
        Assert.That(await AskAsync(probes, Guesser, "order3"), Is.SameAs(Found));
        Assert.That(await AskAsync(probes, Guesser, "order99"), Is.Null);
        probes.Remember(IPAddress.Parse("192.0.2.2"), "order99");
        Assert.That(await AskAsync(probes, Guesser, "order99"), Is.Null);
        probes.Remember(Guesser, "order99");
        Assert.That(await AskAsync(probes, Guesser, "order99"), Is.SameAs(Found));
    }

    private OrderProbes TwoPlaces() => new(
        new ConfigurationBuilder().AddInMemoryCollection([new("RateLimit:UnknownOrdersPerMinute", "2")]).Build(), _clock, new CallLog(_clock, NullLogger<CallLog>.Instance));

    private static Task<object?> AskAsync(OrderProbes probes, IPAddress caller, string orderId) => probes.LookUpAsync(caller, orderId, () => Task.FromResult(Found));

    private async Task GuessAsync(OrderProbes probes, Exception outcome)
    {
        try
        {
            await probes.LookUpAsync(Guesser, "guess", () =>
            {
                _asked++;
                return Task.FromException<object>(outcome);
            });
        }
        catch (Exception exception)
        {
            Assert.That(exception, Is.SameAs(outcome));
        }
    }
}
