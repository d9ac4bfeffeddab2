using PayRecharge.Application;

namespace PayRecharge.UnitTests.Support;

/// <summary>Runs the work directly and records its events. <see cref="Fail"/> makes the next commits find a taken key.</summary>
internal sealed class ScriptedUnitOfWork(List<string> events) : IUnitOfWork
{
    private int _failures;

    public void Fail(int times) => _failures = times;

    public async Task<T> ExecuteAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        events.Add("begin");
        var result = await work(cancellationToken);
        if (_failures > 0)
        {
            _failures--;
            throw new UniqueConstraintException(new InvalidOperationException("taken"));
        }
        events.Add("commit");
        return result;
    }

    public Task RehearseAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ProveAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
}
