using MediatR;

namespace PayRecharge.Application.Behaviors;

/// <summary>Has what a message changes recorded. Other messages are not slowed down: this is not made for them.</summary>
internal sealed class ChangeBehavior<TRequest, TResponse>(CurrentChange change) : IPipelineBehavior<TRequest, TResponse> where TRequest : IAdminChange
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        change.Begin(typeof(TRequest).Name, request);
        try
        {
            return await next();
        }
        finally
        {
            change.End();
        }
    }
}
