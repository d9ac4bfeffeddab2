namespace PayRecharge.Infrastructure.Payjs;

/// <summary>
/// Reads a reply to its end before it is handed on, so that the limits of time around it and of size here cover the body, too: Refit
/// asks for the head alone.
/// </summary>
internal sealed class WholeReply : DelegatingHandler
{
    private const int MaximumBytes = 64 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        try
        {
            await response.Content.LoadIntoBufferAsync(MaximumBytes, cancellationToken);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}
